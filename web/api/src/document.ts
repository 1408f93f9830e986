/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published document as the host writes it (backoffice/api/openapi.c), and what the page makes of it: groups of calls,
 * members of a schema as rows, a body to begin with. Nothing of the interface is known here that does not stand there.
 */

export interface Schema {
  $ref?: string;
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description: string;
  schema: Schema;
}

interface Answer {
  $ref?: string;
  description?: string;
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  operationId: string;
  summary: string;
  tags?: string[];
  parameters: Parameter[];
  security: Record<string, string[]>[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, Answer>;
  'x-roles'?: string[];
  'x-step-up'?: boolean;
  'x-cost'?: number;
}

export interface Published {
  openapi: string;
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses?: Record<string, Answer> };
}

export interface Call {
  id: string;
  method: string; /* "POST" */
  path: string; /* "/devices/{tid}" */
  summary: string;
  parameters: Parameter[];
  scope: string; /* of a key; "" where a key does not do */
  roles: string[]; /* of people; none where they do not */
  open: boolean; /* anybody may */
  stepUp: boolean;
  cost: number;
  body: Schema | null;
  done: { status: string; text: string; schema: Schema | null };
  refusals: { status: string; text: string }[];
}

export interface Group {
  name: string;
  calls: Call[];
}

const last = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1);

export class Interface {
  readonly groups: Group[] = [];

  constructor(readonly published: Published) {
    const groups = new Map<string, Call[]>();
    for (const [path, operations] of Object.entries(published.paths))
      for (const [method, operation] of Object.entries(operations)) {
        const name = operation.tags?.[0] ?? path.split('/')[1]!;
        groups.set(name, [...(groups.get(name) ?? []), this.call(method, path, operation)]);
      }
    for (const [name, calls] of [...groups].sort(([a], [b]) => a.localeCompare(b))) this.groups.push({ name, calls });
  }

  get server(): string {
    return this.published.servers[0]?.url ?? '';
  }

  private call(method: string, path: string, operation: Operation): Call {
    const schema = (content?: Record<string, { schema: Schema }>) => Object.values(content ?? {})[0]?.schema ?? null;
    const done = Object.entries(operation.responses).find(([status]) => status.startsWith('2'));
    return {
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      summary: operation.summary,
      parameters: operation.parameters,
      scope: operation.security.flatMap((way) => way['key'] ?? [])[0] ?? '',
      roles: operation['x-roles'] ?? [],
      open: operation.security.length === 0,
      stepUp: operation['x-step-up'] === true,
      cost: operation['x-cost'] ?? 1,
      body: schema(operation.requestBody?.content),
      done: { status: done?.[0] ?? '200', text: done?.[1].description ?? '', schema: schema(done?.[1].content) },
      refusals: Object.entries(operation.responses)
        .filter(([status]) => !status.startsWith('2'))
        .map(([status, answer]) => ({ status, text: this.answer(answer).description ?? '' })),
    };
  }

  private answer(answer: Answer): Answer {
    return answer.$ref === undefined ? answer : (this.published.components.responses?.[last(answer.$ref)] ?? answer);
  }

  /* What a reference leads to, and how it is called there. */
  resolve(schema: Schema): { name: string; schema: Schema } {
    if (schema.$ref === undefined) return { name: '', schema };
    const name = last(schema.$ref);
    return { name, schema: this.published.components.schemas[name] ?? {} };
  }

  /* The objects that a schema has in it, itself first, each once and in the order in which they are met. */
  tables(schema: Schema): { name: string; schema: Schema }[] {
    const found = new Map<string, Schema>();
    const walk = (at: Schema) => {
      const { name, schema: it } = this.resolve(at);
      if (it.items !== undefined) walk(it.items);
      if (it.properties === undefined || found.has(name)) return;
      found.set(name, it);
      Object.values(it.properties).forEach(walk);
    };
    walk(schema);
    return [...found].map(([name, it]) => ({ name, schema: it }));
  }

  /* What must be there, with the least that is allowed; a text says its name, so that it is seen and replaced. */
  example(schema: Schema, depth = 0): unknown {
    const { schema: it } = this.resolve(schema);
    if (depth > 6) return null;
    if (it.enum !== undefined) return it.enum[0];
    if (it.type === 'string') return '';
    if (it.type === 'integer') return it.minimum ?? 0;
    if (it.type === 'boolean') return false;
    if (it.type === 'array') return (it.minItems ?? 0) > 0 && it.items ? [this.example(it.items, depth + 1)] : [];
    const made: Record<string, unknown> = {};
    for (const name of it.required ?? []) made[name] = this.example(it.properties![name]!, depth + 1);
    return made;
  }
}
