import { expect, it, vi } from "vitest";
import { latest } from "../src/backend/latest";

function gate() {
  const open: ((fails?: boolean) => void)[] = [];
  const ask = vi.fn(
    (question: number) =>
      new Promise<number>((resolve, reject) => {
        open.push((fails) => (fails ? reject(new Error("no")) : resolve(10 * question)));
      }),
  );
  return { open, ask };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it("has one question at a time under way, and drops all that wait but the newest", async () => {
  const { open, ask } = gate();
  const answered = vi.fn();
  const put = latest(ask, answered, vi.fn());
  for (const question of [1, 2, 3, 4]) put(question);
  expect(ask.mock.calls).toEqual([[1]]);
  open[0]!();
  await settle();
  expect(ask.mock.calls).toEqual([[1], [4]]);
  open[1]!();
  await settle();
  expect(answered.mock.calls).toEqual([[10, 1], [40, 4]]);
});

it("goes on after a failure", async () => {
  const { open, ask } = gate();
  const [answered, failed] = [vi.fn(), vi.fn()];
  const put = latest(ask, answered, failed);
  put(1);
  put(2);
  open[0]!(true);
  await settle();
  expect(failed).toHaveBeenCalledOnce();
  open[1]!();
  await settle();
  put(3);
  expect(answered.mock.calls).toEqual([[20, 2]]);
  expect(ask).toHaveBeenCalledTimes(3);
});
