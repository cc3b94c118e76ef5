/** The page's controls: thin dress over what the browser has. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";
import "../styles/controls.css";

interface Pressable {
  readonly onClick: () => void;
  readonly disabled?: boolean;
}

interface IconButtonProps extends Pressable {
  readonly icon: IconName;
  readonly label: string;
  /** The key that does the same, for the tooltip. */
  readonly keys?: string;
}

/** A button that shows a sign only: its label is its name and its tooltip. */
export function IconButton({ icon, label, keys, ...rest }: IconButtonProps) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={keys ? `${label} (${keys})` : label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

interface ButtonProps extends Pressable {
  readonly icon?: IconName;
  readonly children: ComponentChildren;
}

export function Button({ icon, children, ...rest }: ButtonProps) {
  return (
    <button type="button" class="button" {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface Choice<T extends string> {
  readonly value: T;
  readonly text: string;
  readonly title?: string;
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly onChoose: (value: T) => void;
}

/** A few choices of which one holds, side by side: radio buttons to the keyboard. */
export function Segments<T extends string>({ label, choices, value, onChoose }: SegmentsProps<T>) {
  return (
    <fieldset class="segments">
      <legend class="unseen">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} title={choice.title}>
          <input
            type="radio"
            name={label}
            checked={choice.value === value}
            onChange={() => onChoose(choice.value)}
          />
          <span>{choice.text}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly text: string }[];
  readonly onChoose: (value: string) => void;
}

export function Select({ label, value, choices, onChoose }: SelectProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ToggleProps {
  readonly on: boolean;
  readonly onToggle: (on: boolean) => void;
  readonly disabled?: boolean;
  readonly title?: string;
  readonly children: ComponentChildren;
}

export function Toggle({ on, onToggle, children, ...rest }: ToggleProps) {
  return (
    <button type="button" class="toggle" aria-pressed={on} onClick={() => onToggle(!on)} {...rest}>
      {children}
    </button>
  );
}

/** A button that opens the browser's choice of a picture file. */
export function FileButton({ label, onFile }: { label: string; onFile: (file: File) => void }) {
  return (
    <label class="button file-button">
      <Icon name="upload" />
      {label}
      <input
        type="file"
        class="unseen"
        accept="image/png,image/jpeg,image/webp"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </label>
  );
}
