/** Some rows, what the run made of them, and what the copy makes of them now: blur and noise come and go. */
import { rowsOf, type Tensor } from "../backend/arrays";
import { ExampleView } from "../parts/example-view";
import type { Lesson } from "../session/training";
import { say } from "../words/words";

export function Strip({ lesson: { shown, first } }: { lesson: Lesson }) {
  const rows: readonly (readonly [string, Tensor])[] = [
    [say("rows x"), shown.x],
    [say("by the run"), first.still],
    [shown.drawn ? say("now, at ε = 0") : say("now"), shown.still],
    ...(shown.drawn ? ([[say("now, by a draw of ε"), shown.drawn]] as const) : []),
  ];
  return (
    <table class="reconstructed">
      <caption class="unseen">{say("Rows, and what is made of them")}</caption>
      <tbody>
        {rows.map(([name, pictures]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {rowsOf(pictures).map((x, i) => (
              <td key={i}>
                <ExampleView values={x} label={say("{name}, {number}", { name, number: i + 1 })} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
