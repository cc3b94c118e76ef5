/** Where a value stands among others. */

/** Sorted, without what is not a number. */
export function ascending(values: Float32Array): Float32Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/** The share of the sorted values that are smaller, those that are equal counted half. */
export function shareBelow(sorted: Float32Array, value: number): number {
  if (sorted.length === 0) return Number.NaN;
  const below = firstFrom(sorted, (other) => other >= value);
  const notAbove = firstFrom(sorted, (other) => other > value);
  return (below + notAbove) / 2 / sorted.length;
}

/** The value below which this share of the sorted values lies, interpolated. */
export function quantile(sorted: Float32Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
}

/** How many of the sorted values fall into each of equal bins between two values. */
export function histogram(sorted: Float32Array, low: number, high: number, bins: number): number[] {
  const edge = (i: number): number => low + ((high - low) * i) / bins;
  const before = (value: number): number => firstFrom(sorted, (other) => other >= value);
  return Array.from({ length: bins }, (_, i) => {
    const stop = i === bins - 1 ? firstFrom(sorted, (other) => other > high) : before(edge(i + 1));
    return stop - before(edge(i));
  });
}

/** The first place at which a test holds that holds from there on. */
function firstFrom(sorted: Float32Array, test: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
