/**
 * One question at a time, and of those that come meanwhile only the newest: while a point is dragged, answers to where
 * it was are worth nothing, and a queue of them would make the picture lag.
 */
export function latest<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
  answered: (answer: Answer, question: Question) => void,
  failed: (error: unknown, question: Question) => void,
): (question: Question) => void {
  let busy = false;
  let waiting: { question: Question } | null = null;

  async function run(question: Question): Promise<void> {
    busy = true;
    try {
      answered(await ask(question), question);
    } catch (error) {
      failed(error, question);
    }
    busy = false;
    const next = waiting;
    waiting = null;
    if (next) void run(next.question);
  }

  return (question) => {
    if (busy) waiting = { question };
    else void run(question);
  };
}
