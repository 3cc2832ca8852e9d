/** What a new plugin is made of, by language. Templates are complete plugins under the name `my-selector`. */

/** Languages `plugin new` knows. */
export const LANGUAGES = ['ts', 'go', 'python'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The name every template has, in its files and in what is written in them. */
export const TEMPLATE_NAME = 'my-selector';

/** A folder or file of the SDK that a new plugin gets a copy of. */
export interface Ingredient {
  /** Below `templates/` of the packed router. */
  readonly packed: string;
  /** In the source tree, below its root. */
  readonly source: string;
  /** In the new folder. */
  readonly to: string;
}

/** One language. */
export interface Template {
  /** For people. */
  readonly title: string;
  /** Below `templates/`. */
  readonly folder: string;
  readonly ingredients: readonly Ingredient[];
  /** Packages put into `vendor/` as tarballs, in npm's words. */
  readonly packages: readonly string[];
  /** Commands that follow, in the new folder. */
  readonly next: (name: string) => readonly string[];
}

export const TEMPLATES: Readonly<Record<Language, Template>> = {
  ts: {
    title: 'TypeScript',
    folder: 'typescript',
    ingredients: [],
    packages: ['@smtp-router/go-plugin', '@smtp-router/selector'],
    next: (name) => [
      'npm install',
      'npm test',
      `smtp-router plugin check ${name}.ts`,
      `smtp-router plugin test ${name}.ts --cases cases.yaml`,
    ],
  },
  go: {
    title: 'Go',
    folder: 'go',
    ingredients: [{ packed: 'sdk-go', source: 'sdk/go', to: 'sdk' }],
    packages: [],
    next: (name) => [
      `go build -o ${name} .`,
      'go test ./...',
      `smtp-router plugin check ./${name}`,
      `smtp-router plugin test ./${name} --cases cases.yaml`,
    ],
  },
  python: {
    title: 'Python',
    folder: 'python',
    ingredients: ['smtp_router_plugin.py', 'smtp_router', 'requirements.txt'].map((name) => ({
      packed: `sdk-python/${name}`,
      source: `examples/python/round_robin/${name}`,
      to: name,
    })),
    packages: [],
    next: () => [
      'python3 -m venv .venv && .venv/bin/pip install -r requirements.txt',
      '.venv/bin/python -m unittest',
      'smtp-router plugin check -- .venv/bin/python plugin.py',
      'smtp-router plugin test --cases cases.yaml -- .venv/bin/python plugin.py',
    ],
  },
};

/** What an ingredient leaves out: tests, and what tools leave behind. */
export function isWanted(path: string): boolean {
  return !/_test\.go$|\.pyc$|(?:^|[\\/])(?:__pycache__|\.venv|internal)$/.test(path);
}
