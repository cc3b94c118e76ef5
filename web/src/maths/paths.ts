/** Curves between two codes that need no model: straight, and on the prior's shell. */

type Numbers = readonly number[];

function shares(n: number): number[] {
  return Array.from({ length: n }, (_, i) => (n > 1 ? i / (n - 1) : 0));
}

export function linear(a: Numbers, b: Numbers, n: number): number[][] {
  return shares(n).map((t) => a.map((value, d) => (1 - t) * value + t * b[d]!));
}

/**
 * Along the arc between two codes, seen from the prior's mean in its deviations: r (sin((1−t)ω) â + sin(tω) b̂) / sin ω
 * with â and b̂ their directions, and r going from the distance of the one to that of the other. On one ray the arc is the straight line; between opposite codes no arc is shorter than another, and null is returned.
 */
export function spherical(a: Numbers, b: Numbers, n: number, mean: Numbers, deviation: Numbers): number[][] | null {
  const scaled = (z: Numbers): number[] => z.map((value, d) => (value - mean[d]!) / (deviation[d] || 1));
  const [u, v] = [scaled(a), scaled(b)];
  const [p, q] = [Math.hypot(...u), Math.hypot(...v)];
  const product = u.reduce((sum, value, d) => sum + value * v[d]!, 0);
  const cosine = p * q > 0 ? Math.min(1, Math.max(-1, product / (p * q))) : 1;
  const angle = Math.acos(cosine);
  if (Math.sin(angle) < 1e-6) return cosine < 0 ? null : linear(a, b, n);
  return shares(n).map((t) => {
    const radius = ((1 - t) * p + t * q) / Math.sin(angle);
    const [from, to] = [(radius * Math.sin((1 - t) * angle)) / p, (radius * Math.sin(t * angle)) / q];
    return u.map((value, d) => mean[d]! + (deviation[d] || 1) * (from * value + to * v[d]!));
  });
}
