/** The standard normal distribution. */

/** The share below x, by the series Φ(x) = ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …). */
export function shareBelow(x: number): number {
  let [term, sum] = [x, x];
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

/** The value below which this share lies. From 0 outwards the curve bends one way, so Newton's steps never overshoot. */
export function quantile(share: number): number {
  if (!(share > 0 && share < 1)) return share === 0 ? -Infinity : share === 1 ? Infinity : Number.NaN;
  if (share < 0.5) return -quantile(1 - share);
  let x = 0;
  for (let step = 1; step > 1e-14 * (1 + x); x += step) step = (share - shareBelow(x)) / density(x);
  return x;
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}
