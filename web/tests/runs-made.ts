/** Made-up runs with epochs, and runs beside each other. */
import { stacked } from "../src/backend/arrays";
import type { About, Backend, Codes } from "../src/backend/backend";
import { MockBackend, mockAbout, type MockOptions } from "../src/backend/mock";
import { Session } from "../src/session/session";

export const soon = { timeout: 2000, interval: 5 };

/** The made-up model whose codes are so many times as large, and which says this of itself. */
export class ScaledBackend extends MockBackend {
  asked = 0;

  constructor(
    readonly scale: number,
    public described: About,
    options: MockOptions = {},
  ) {
    super(options);
  }

  override async about(): Promise<About> {
    return this.described;
  }

  override async codes(start: number, stop: number): Promise<Codes> {
    this.asked++;
    const { data, shape } = await super.codes(start, stop);
    return { data: data.map((value) => this.scale * value), shape };
  }
}

export function runWith(id: string, change: Partial<About> = {}, options: MockOptions = {}): About {
  return { ...mockAbout({ rows: 60, ...options }), id, name: `runs/${id}`, ...change };
}

export function opened(about: About, hash = "", backend: Backend = new ScaledBackend(1, about, optionsOf(about))): Session {
  return new Session(about, backend, hash);
}

export const optionsOf = ({ rows, latent_dim: latents, conditional }: About): MockOptions => ({ rows, latents, conditional });

export const pair = (a: number, b: number): Codes => stacked([[a, b]]);
