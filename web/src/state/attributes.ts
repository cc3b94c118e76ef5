/** Attributes as the state holds them: which rows have a trait, and which lack it. From them follows the direction. */
import type { About } from "../backend/backend";
import { sensible } from "../maths/bounds";
import { LABEL, columnNamed, ownName } from "./columns";
import { defaultPlane, type Plane, type Point } from "../maths/plane";

export type Side = "with" | "without";
export const SIDES: readonly Side[] = ["with", "without"];

/** Rows inside of an outline that was drawn on the map. */
export interface Lassoed {
  readonly plane: Plane;
  readonly outline: readonly Point[];
}

/** Rows that have this word in a column. */
export interface Worded {
  readonly column: string;
  readonly value: string;
}

/** Rows of the data: those of a label, those in an outline, or all that the other group leaves. */
export type Group = { readonly label: string } | Worded | Quantity | Lassoed | "others";

/** No group: all rows that have a number in this column, along which the codes are followed. */
export interface Quantity {
  readonly quantity: string;
}

export interface Attribute {
  /** Its place in the palette. No two have the same, so it also tells them apart. */
  readonly slot: number;
  readonly name: string;
  readonly with: Group;
  readonly without: Group;
}

export interface Attributes {
  readonly list: readonly Attribute[];
  readonly orthogonal: boolean;
  /** The slot of the one whose groups the map shows. */
  readonly shown: number | null;
}

export const NO_ATTRIBUTES: Attributes = { list: [], orthogonal: false, shown: null };

export function isLassoed(group: Group): group is Lassoed {
  return typeof group === "object" && "outline" in group;
}

export function isQuantity(group: Group): group is Quantity {
  return typeof group === "object" && "quantity" in group;
}

/** The words of a group of one column; null for others. */
export function wordsOf(group: Group): Worded | null {
  if (group === "others" || isLassoed(group) || isQuantity(group)) return null;
  return "label" in group ? { column: LABEL, value: group.label } : group;
}

/** A group by its column and word, as a link says it. */
export function groupOfWord(column: string, value: string): Group {
  return column === LABEL ? { label: value } : { column, value };
}

/** The columns that an attribute's groups are of. */
export function columnsOf(attribute: Pick<Attribute, Side>): string[] {
  const names = SIDES.map((side) => attribute[side]).map((group) =>
    isQuantity(group) ? group.quantity : (wordsOf(group)?.column ?? null),
  );
  return [...new Set(names)].filter((name): name is string => name !== null);
}

/** How y may be called. */
type Named = Pick<About, "label_name">;

/** The first place in the palette that is free. */
export function freeSlot({ list }: Attributes): number {
  let slot = 0;
  while (list.some((attribute) => attribute.slot === slot)) slot++;
  return slot;
}

export function added(attributes: Attributes, groups: Pick<Attribute, Side>, about: Named = {}): Attributes {
  const slot = freeSlot(attributes);
  const name = usualName(groups, attributes.list, about);
  return { ...attributes, list: [...attributes.list, { slot, name, ...groups }] };
}

export function changed(attributes: Attributes, slot: number, change: Partial<Omit<Attribute, "slot">>): Attributes {
  const list = attributes.list.map((other) => (other.slot === slot ? { ...other, ...change } : other));
  return { ...attributes, list };
}

export function removed(attributes: Attributes, slot: number): Attributes {
  const list = attributes.list.filter((other) => other.slot !== slot);
  return { ...attributes, list, shown: attributes.shown === slot ? null : attributes.shown };
}

/** What an attribute is called until the reader names it. */
export function usualName(groups: Pick<Attribute, Side>, others: readonly Attribute[], about: Named = {}): string {
  const { with: has, without: lacks } = groups;
  if (isQuantity(has)) return has.quantity === LABEL ? ownName(about, LABEL) : has.quantity;
  const [word, other] = [wordsOf(has), wordsOf(lacks)];
  if (word) return other ? `${word.value} rather than ${other.value}` : nameOfWord(word, about);
  let number = 1;
  while (others.some(({ name }) => name === `Lasso ${number}`)) number++;
  return `Lasso ${number}`;
}

/** Of yes and no the column says what it is. */
function nameOfWord({ column: key, value }: Worded, about: Named): string {
  const column = key === LABEL ? about.label_name : key;
  if (!column || (key === LABEL && !/^(true|false|yes|no|[01])$/i.test(value))) return value;
  return /^(true|yes|1)$/i.test(value) ? column : `${column}: ${value}`;
}

/** How planes are written in a link. */
export interface PlaneTexts {
  readonly text: (plane: Plane) => string;
  readonly plane: (text: string, about: About) => Plane | null;
}

/** `name/slot/label:7/others;smile/1/lasso:pca:0,1,2,3,1,0/label:3` */
export function attributesText({ list }: Attributes, planes: PlaneTexts): string {
  return list
    .map(({ name, slot, ...groups }) =>
      [encodeURIComponent(name), slot, ...SIDES.map((side) => groupText(groups[side], planes))].join("/"),
    )
    .join(";");
}

function groupText(group: Group, planes: PlaneTexts): string {
  if (group === "others") return group;
  if ("label" in group) return `label:${encodeURIComponent(group.label)}`;
  if (isQuantity(group)) return `quantity:${encodeURIComponent(group.quantity)}`;
  if ("column" in group) return `column:${encodeURIComponent(group.column)}:${encodeURIComponent(group.value)}`;
  return `lasso:${planes.text(group.plane)}:${group.outline.map(({ u, v }) => `${u},${v}`).join(",")}`;
}

export function attributesOf(text: (key: string) => string, about: About, planes: PlaneTexts): Attributes {
  const list: Attribute[] = [];
  for (const part of about.rows > 0 ? text("attributes").split(";") : []) {
    const attribute = attributeOf(part, about, planes);
    if (attribute && !list.some(({ slot }) => slot === attribute.slot)) list.push(attribute);
  }
  const shown = /^\d+$/.test(text("shown")) ? Number(text("shown")) : null;
  return {
    list,
    orthogonal: text("orthogonal") === "1",
    shown: list.some(({ slot }) => slot === shown) ? shown : null,
  };
}

function attributeOf(text: string, about: About, planes: PlaneTexts): Attribute | null {
  const [name = "", slot = "", ...groups] = text.split("/");
  const [has = null, lacks = null, ...more] = groups.map((group) => groupOf(group, about, planes));
  if (!/^\d{1,4}$/.test(slot) || !has || has === "others" || !lacks || more.length) return null;
  if (isQuantity(lacks) || (isQuantity(has) && lacks !== "others")) return null;
  const found = { slot: Number(slot), with: has, without: lacks };
  return { ...found, name: decoded(name) || usualName(found, []) };
}

function groupOf(text: string, about: About, planes: PlaneTexts): Group | null {
  const [kind, which = "", corners = ""] = text.split(":");
  if (kind === "others") return kind;
  if (kind === "label") return about.labels?.includes(decoded(which)) ? { label: decoded(which) } : null;
  if (kind === "quantity") return columnNamed(about, decoded(which))?.kind === kind ? { quantity: decoded(which) } : null;
  if (kind === "column") {
    const known = columnNamed(about, decoded(which))?.words?.includes(decoded(corners));
    return known && decoded(which) !== LABEL ? { column: decoded(which), value: decoded(corners) } : null;
  }
  if (kind !== "lasso") return null;
  const plane = about.latent_dim === 1 ? defaultPlane(about) : planes.plane(which, about);
  const values = corners.split(",").map(Number);
  if (!plane || values.length < 6 || values.length % 2 || !values.every((value) => sensible(value))) return null;
  const outline = Array.from({ length: values.length / 2 }, (_, i) => ({ u: values[2 * i]!, v: values[2 * i + 1]! }));
  return { plane, outline };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
