/** What the page shows while a copy of the model is seen in the place of the run. */
import { BackendError, type Backend, type Codes, type LessonShown } from "../backend/backend";
import { nearestCodes } from "../file/nearest";

/** Codes of some rows as those of all: the others are nowhere. */
export function spread({ indices, codes }: Pick<LessonShown, "indices" | "codes">, rows: number): Codes {
  const width = codes.shape[1]!;
  const data = new Float32Array(rows * width).fill(indices.length < rows ? Number.NaN : 0);
  indices.forEach((row, i) => data.set(codes.data.subarray(i * width, (i + 1) * width), row * width));
  return { data, shape: [rows, width] };
}

/** The run's backend, but for what the copy says otherwise. */
export function taught(own: Backend, lesson: string, shown: () => LessonShown): Backend {
  const others: Partial<Backend> = {
    decode: (z, y) => own.lessonDecode(lesson, z, y),
    interval: () => Promise.reject(new BackendError("intervals are the run's")),
    neighbours: async (z, k) => {
      const { codes, indices } = shown();
      const found = nearestCodes(codes, z, k);
      return { ...found, indices: { ...found.indices, data: found.indices.data.map((i) => indices[i]!) } };
    },
  };
  const of = <Key extends keyof Backend>(key: Key): unknown => others[key] ?? (own[key] as (...given: unknown[]) => unknown).bind(own);
  return new Proxy({}, { get: (_, key) => of(key as keyof Backend) }) as Backend;
}
