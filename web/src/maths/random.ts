/** Random numbers that a seed repeats, and the normal ones made of them. */

export type Uniform = () => number;

/** Uniform on [0, 1): Weyl's sequence, its bits mixed by multiplication. */
export function seeded(seed: number): Uniform {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal number, by Box and Muller. */
export function normal(uniform: Uniform): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A draw from a Gaussian of these means and deviations, each dimension on its own. */
export function draw(uniform: Uniform, mean: ArrayLike<number>, deviation: ArrayLike<number>): number[] {
  return Array.from(mean, (middle, d) => middle + deviation[d]! * normal(uniform));
}
