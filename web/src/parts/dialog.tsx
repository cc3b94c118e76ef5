/** A modal dialog with a title: it closes by its button, by Escape, and by a press beside it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "./controls";
import { say } from "../words/words";

interface Props {
  readonly id: string;
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ id, title, open, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Text that is selected may end beside the dialog: only a press that begins there is meant to close it.
  const pressed = useRef(false);
  const beside = ({ target, clientX: x, clientY: y }: MouseEvent): boolean => {
    const { left, right, top, bottom } = dialog.current!.getBoundingClientRect();
    return target === dialog.current && (x < left || x > right || y < top || y > bottom);
  };
  useEffect(() => {
    if (open && !dialog.current!.open) dialog.current!.showModal();
    if (!open) dialog.current!.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${id}`}
      aria-labelledby={`${id}-title`}
      onClose={onClose}
      onPointerDown={(event) => (pressed.current = beside(event))}
      onClick={(event) => {
        if (pressed.current && beside(event)) onClose();
      }}
    >
      <header class="row">
        <h2 id={`${id}-title`}>{title}</h2>
        <IconButton icon="close" label={say("Close")} onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}
