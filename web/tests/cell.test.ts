import { expect, it } from "vitest";
import { Cell } from "../src/state/cell";

it("tells each reader the newest value last, though another one sets it meanwhile", () => {
  const cell = new Cell(0);
  const [first, last]: [number[], number[]] = [[], []];
  cell.subscribe((value) => void first.push(value));
  cell.subscribe((value) => value === 1 && cell.set(2));
  cell.subscribe((value) => void last.push(value));
  cell.set(1);
  expect(first).toEqual([1, 2]);
  expect(last).toEqual([2]);
});
