/** A field for a number. What is empty, none or absurd is put back to the value that holds. */
import { MOST, sensible } from "../maths/bounds";

interface Props {
  readonly value: number | string;
  readonly onSet: (value: number) => void;
  /** How large it may be, either way. */
  readonly most?: number;
  readonly class?: string;
  /** Where no label is around it. */
  readonly label?: string;
}

export function NumberField({ value, onSet, most = MOST, class: name, label }: Props) {
  const change = (input: HTMLInputElement): void => {
    if (sensible(input.valueAsNumber, most)) onSet(input.valueAsNumber);
    else input.value = String(value);
  };
  return (
    <input
      type="number"
      step="any"
      class={name}
      aria-label={label}
      value={value}
      onChange={(event) => change(event.currentTarget)}
      // What is no number leaves no change behind where the field was empty before.
      onBlur={(event) => {
        if (!sensible(event.currentTarget.valueAsNumber, most)) event.currentTarget.value = String(value);
      }}
    />
  );
}
