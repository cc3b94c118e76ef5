/**
 * Symmetric positive definite systems whose matrix has entries near the diagonal alone: a band of `reach` beside it.
 * Row i holds the entries (i, i − reach) … (i, i).
 */
export class Band {
  readonly size: number;
  readonly reach: number;
  readonly #entries: Float64Array;

  constructor(size: number, reach: number) {
    this.size = size;
    this.reach = reach;
    this.#entries = new Float64Array(size * (reach + 1));
  }

  get(row: number, column: number): number {
    return this.#entries[this.#at(row, column)]!;
  }

  set(row: number, column: number, value: number): void {
    this.#entries[this.#at(row, column)] = value;
  }

  /** The mean of the diagonal. */
  get level(): number {
    let sum = 0;
    for (let i = 0; i < this.size; i++) sum += this.get(i, i);
    return sum / this.size;
  }

  /** x with (A + damping · 1) x = b; null where that is not positive definite. By Cholesky's factors. */
  solve(b: Float64Array, damping: number): Float64Array | null {
    const factor = this.#factor(damping);
    if (!factor) return null;
    const x = b.slice();
    for (let i = 0; i < this.size; i++) {
      for (let j = Math.max(0, i - this.reach); j < i; j++) x[i]! -= factor.get(i, j) * x[j]!;
      x[i]! /= factor.get(i, i);
    }
    for (let i = this.size - 1; i >= 0; i--) {
      x[i]! /= factor.get(i, i);
      for (let j = Math.max(0, i - this.reach); j < i; j++) x[j]! -= factor.get(i, j) * x[i]!;
    }
    return x;
  }

  #factor(damping: number): Band | null {
    const factor = new Band(this.size, this.reach);
    for (let i = 0; i < this.size; i++) {
      const first = Math.max(0, i - this.reach);
      for (let j = first; j <= i; j++) {
        let sum = this.get(i, j) + (i === j ? damping : 0);
        for (let k = Math.max(first, j - this.reach); k < j; k++) sum -= factor.get(i, k) * factor.get(j, k);
        if (i === j && !(sum > 0)) return null;
        factor.set(i, j, i === j ? Math.sqrt(sum) : sum / factor.get(j, j));
      }
    }
    return factor;
  }

  #at(row: number, column: number): number {
    return row * (this.reach + 1) + column - row + this.reach;
  }
}
