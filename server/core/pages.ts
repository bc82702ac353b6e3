/**
 * Memory for values: pages of 64 KiB, each cut into slots of one size. A page whose last slot is given back can serve
 * another size. A slot is named by `page · 8192 + index`; free slots of a page are chained through their first two bytes.
 *
 * @module
 */

import { slotBytes } from "./size_class.ts";

/** Bytes of a page. */
export const pageBytes = 65536;

/** Pages of one buffer; the first pages have one each, as most stores are small. */
const bufferPages = 16;

/** Bits of a slot's index in its page. */
const indexBits = 13;

/** Pages at most: 8 GiB. */
const pagesMax = 1 << 17;

const noSlot = 0xffff;
const noClass = -1;

/** Pages and their slots. */
export class Pages {
  /** Per page: its buffer, and where it begins there. */
  readonly #buffers: Uint8Array[] = [];
  readonly #bases: number[] = [];
  /** Per page: its size class; its first free slot; slots never used yet begin here; slots in use. */
  readonly #classOf: number[] = [];
  readonly #free: number[] = [];
  readonly #fresh: number[] = [];
  readonly #live: number[] = [];
  /** Per page: the class in whose `#partial` it stands, lest it stand there twice. */
  readonly #partialOf: number[] = [];
  /** Per class: the page that is filled now, and others with room (checked when taken). */
  readonly #current: number[] = slotBytes.map(() => -1);
  readonly #partial: number[][] = slotBytes.map(() => []);
  /** Pages of no class. */
  readonly #empty: number[] = [];

  /** Bytes of all pages that hold a slot in use. */
  get heldBytes(): number {
    return (this.#classOf.length - this.#empty.length) * pageBytes;
  }

  /** Takes a slot of class `cls`; −1 if the memory is at its limit. */
  take(cls: number): number {
    let page = this.#current[cls];
    if (page < 0 || !this.#hasRoom(page, cls)) {
      page = this.#nextPage(cls);
      if (page < 0) return -1;
      this.#current[cls] = page;
    }
    this.#live[page]++;
    const free = this.#free[page];
    if (free === noSlot) return page << indexBits | this.#fresh[page]++;
    const buffer = this.bufferOf(page);
    const at = this.#offset(page, free);
    this.#free[page] = buffer[at] | buffer[at + 1] << 8;
    return page << indexBits | free;
  }

  #hasRoom(page: number, cls: number): boolean {
    return this.#free[page] !== noSlot || (this.#fresh[page] + 1) * slotBytes[cls] <= pageBytes;
  }

  #nextPage(cls: number): number {
    const partial = this.#partial[cls];
    for (let page = partial.pop(); page !== undefined; page = partial.pop()) {
      if (this.#partialOf[page] === cls) this.#partialOf[page] = noClass;
      if (this.#classOf[page] === cls && this.#hasRoom(page, cls)) return page;
    }
    const page = this.#empty.pop() ?? this.#newPage();
    if (page >= 0) {
      this.#classOf[page] = cls;
      this.#free[page] = noSlot;
      this.#fresh[page] = 0;
    }
    return page;
  }

  #newPage(): number {
    const page = this.#classOf.length;
    if (page === pagesMax) return -1;
    const pages = page < bufferPages ? 1 : bufferPages;
    const isFirst = page % pages === 0;
    this.#buffers.push(isFirst ? new Uint8Array(pages * pageBytes) : this.#buffers[page - 1]);
    this.#bases.push(isFirst ? 0 : this.#bases[page - 1] + pageBytes);
    this.#classOf.push(noClass);
    this.#free.push(noSlot);
    this.#fresh.push(0);
    this.#live.push(0);
    this.#partialOf.push(noClass);
    return page;
  }

  /** Gives a slot back. */
  give(slot: number): void {
    const page = slot >>> indexBits;
    const index = slot & (1 << indexBits) - 1;
    const buffer = this.bufferOf(page);
    const at = this.#offset(page, index);
    buffer[at] = this.#free[page] & 255;
    buffer[at + 1] = this.#free[page] >> 8;
    this.#free[page] = index;
    const cls = this.#classOf[page];
    if (--this.#live[page] === 0 && this.#current[cls] !== page) {
      this.#classOf[page] = noClass;
      this.#empty.push(page);
    } else if (this.#current[cls] !== page && this.#partialOf[page] !== cls) {
      this.#partialOf[page] = cls;
      this.#partial[cls].push(page);
    }
  }

  /** The slot size of a slot. */
  sizeOf(slot: number): number {
    return slotBytes[this.#classOf[slot >>> indexBits]];
  }

  /** Where a slot begins in its buffer. */
  offsetOf(slot: number): number {
    return this.#offset(slot >>> indexBits, slot & (1 << indexBits) - 1);
  }

  #offset(page: number, index: number): number {
    return this.#bases[page] + index * slotBytes[this.#classOf[page]];
  }

  /** The buffer of a page. */
  bufferOf(page: number): Uint8Array {
    return this.#buffers[page];
  }

  /** The buffer of a slot. */
  bufferOfSlot(slot: number): Uint8Array {
    return this.bufferOf(slot >>> indexBits);
  }

  /** Whether less than a quarter of a slot's page is in use, and it is not the page being filled. */
  isSparse(slot: number): boolean {
    const page = slot >>> indexBits;
    const cls = this.#classOf[page];
    return this.#current[cls] !== page && this.#live[page] * slotBytes[cls] * 4 < pageBytes;
  }
}
