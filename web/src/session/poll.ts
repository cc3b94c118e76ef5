/** Asks again and again, a second after each answer, until one says that it was the last. */
const PAUSE = 1000;

/** `answered` returns whether to go on. Stops when the function that is returned is called. */
export function poll<Answer>(ask: () => Promise<Answer>, answered: (answer: Answer) => boolean): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    // A question that fails is asked again like any other: the model may be busy.
    const goesOn = await ask().then((answer) => stopped || answered(answer), () => true);
    if (goesOn && !stopped) timer = setTimeout(look, PAUSE);
  };
  timer = setTimeout(look, PAUSE);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
