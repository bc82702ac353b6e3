/**
 * The JavaScript side of the marshalling: msgpack to values and back, as statements of the prelude.
 *
 * @module
 */

/** `open(buffer)`, then `load()`. Uses the classes of the prelude. */
export const javascriptLoad: string = `
  let bytes, view, at;
  function open(buffer) { bytes = new Uint8Array(buffer); view = new DataView(buffer); at = 0; }
  function take(n) { const start = at; at += n; return start; }
  function load(asKey) {
    const first = bytes[at++];
    if (first < 0x80) return first;
    if (first >= 0xe0) return first - 256;
    if (first < 0x90) return loadMap(first & 15);
    if (first < 0xa0) return loadArray(first & 15, asKey);
    if (first < 0xc0) return loadText(first & 31);
    switch (first) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return loadBytes(view.getUint8(take(1)));
      case 0xc5: return loadBytes(view.getUint16(take(2)));
      case 0xc6: return loadBytes(view.getUint32(take(4)));
      case 0xc7: return loadExt(view.getUint8(take(1)));
      case 0xc8: return loadExt(view.getUint16(take(2)));
      case 0xc9: return loadExt(view.getUint32(take(4)));
      case 0xca: return floatOf(view.getFloat32(take(4)));
      case 0xcb: return floatOf(view.getFloat64(take(8)));
      case 0xcc: return view.getUint8(take(1));
      case 0xcd: return view.getUint16(take(2));
      case 0xce: return view.getUint32(take(4));
      case 0xcf: return integerOf(view.getBigUint64(take(8)));
      case 0xd0: return view.getInt8(take(1));
      case 0xd1: return view.getInt16(take(2));
      case 0xd2: return view.getInt32(take(4));
      case 0xd3: return integerOf(view.getBigInt64(take(8)));
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return loadExt(1 << first - 0xd4);
      case 0xd9: return loadText(view.getUint8(take(1)));
      case 0xda: return loadText(view.getUint16(take(2)));
      case 0xdb: return loadText(view.getUint32(take(4)));
      case 0xdc: return loadArray(view.getUint16(take(2)), asKey);
      case 0xdd: return loadArray(view.getUint32(take(4)), asKey);
      case 0xde: return loadMap(view.getUint16(take(2)));
      case 0xdf: return loadMap(view.getUint32(take(4)));
    }
    throw new TypeError("not msgpack");
  }
  function floatOf(x) { return Number.isInteger(x) ? new Float(x) : x; }
  function integerOf(n) { return n <= 9007199254740991n && n >= -9007199254740991n ? Number(n) : n; }
  function loadBytes(n) { const start = take(n); return bytes.slice(start, at); }
  const notAscii = /[^\\x00-\\x7f]/;
  function loadText(n) {
    const start = take(n);
    let text = "";
    if (n > 40) {
      for (let i = start; i < at; i += 4096) text += String.fromCharCode.apply(null, bytes.subarray(i, Math.min(at, i + 4096)));
    } else {
      for (let i = start; i < at; i++) text += String.fromCharCode(bytes[i]);
    }
    return notAscii.test(text) ? decodeURIComponent(escape(text)) : text;
  }
  function loadArray(n, asKey) {
    const values = [];
    for (let i = 0; i < n; i++) values.push(load(asKey));
    return values;
  }
  function isRecordKey(key) { return typeof key === "string" && key !== "__proto__" && !/^(0|[1-9][0-9]*)$/.test(key); }
  function loadMap(n) {
    const start = at, record = {};
    for (let i = 0; i < n; i++) {
      const key = load(true);
      if (!isRecordKey(key)) { at = start; return loadBigMap(n); }
      record[key] = load();
    }
    return record;
  }
  function loadBigMap(n) {
    const map = new Map();
    for (let i = 0; i < n; i++) { const key = load(true); map.set(key, load()); }
    return map;
  }
  function loadExt(n) {
    const code = view.getInt8(take(1)), start = at, end = start + n;
    if (code === 2) {
      let hex = "0x0";
      take(n);
      for (let i = start; i < end; i++) hex += (bytes[i] < 16 ? "0" : "") + bytes[i].toString(16);
      return integerOf(BigInt(hex));
    }
    if (code === 3 || code === 6) {
      const mark = code === 6 ? load() : "", elements = [];
      while (at < end) elements.push(load(true));
      return new Path(elements, mark);
    }
    take(n);
    if (code !== -1) return new Ext(code, bytes.slice(start, end));
    if (n === 4) return new Timestamp(view.getUint32(start));
    if (n === 12) return new Timestamp(view.getBigInt64(start + 4), view.getUint32(start));
    const both = view.getBigUint64(start);
    return new Timestamp(both & 0x3ffffffffn, Number(both >> 34n));
  }
`;

/** `dumped(value)`. Uses the classes of the prelude, and `resultBytesMax`. */
export const javascriptDump: string = `
  const tooLarge = () => new RangeError("the result is too large");
  let out = new Uint8Array(256), outView = new DataView(out.buffer), length = 0, parts = [];
  function room(n) {
    if (length + n <= out.length) return;
    if (length + n > resultBytesMax) throw tooLarge();
    const more = new Uint8Array(Math.max(2 * out.length, length + n));
    more.set(out);
    out = more;
    outView = new DataView(out.buffer);
  }
  function byte(b) { room(1); out[length++] = b; }
  function u16(head, n) { room(3); out[length] = head; outView.setUint16(length + 1, n); length += 3; }
  function u32(head, n) { room(5); out[length] = head; outView.setUint32(length + 1, n); length += 5; }
  function sized(n, short, head8, head16) {
    if (n < short[1]) byte(short[0] | n);
    else if (n < 256 && head8) { byte(head8); byte(n); }
    else if (n < 65536) u16(head16, n);
    else u32(head16 + 1, n);
  }
  function raw(data) { room(data.length); out.set(data, length); length += data.length; }
  function dumpInteger(n) {
    if (n >= -32n && n < 128n) return byte(Number(n) & 255);
    if (n >= 0n && n < 1n << 32n) {
      n = Number(n);
      return n < 256 ? (byte(0xcc), byte(n)) : n < 65536 ? u16(0xcd, n) : u32(0xce, n);
    }
    if (n < 0n && n >= -(1n << 31n)) {
      n = Number(n);
      return n >= -128 ? (byte(0xd0), byte(n & 255)) : n >= -32768 ? u16(0xd1, n & 65535) : u32(0xd2, n >>> 0);
    }
    if (n < -(1n << 63n)) throw new RangeError("integers begin at -2**63");
    if (n >= 1n << 64n) return dumpBig(n);
    room(9);
    out[length] = n < 0n ? 0xd3 : 0xcf;
    outView.setBigUint64(length + 1, BigInt.asUintN(64, n));
    length += 9;
  }
  function dumpBig(n) {
    let hex = n.toString(16);
    if (hex.length > 8192) throw new RangeError("this integer is too large");
    if (hex.length % 2) hex = "0" + hex;
    const data = new Uint8Array(hex.length / 2);
    for (let i = 0; i < data.length; i++) data[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
    dumpExt(2, data);
  }
  function dumpFloat(x) { room(9); out[length] = 0xcb; outView.setFloat64(length + 1, x); length += 9; }
  function dumpExt(code, data) {
    const n = data.length, fixed = [1, 2, 4, 8, 16].indexOf(n);
    if (fixed >= 0) byte(0xd4 + fixed);
    else sized(n, [0, 0], 0xc7, 0xc8);
    byte(code & 255);
    raw(data);
  }
  function dumpText(text) {
    if (text.length > 64 && !text.includes("\\0") && text[0] !== "\\ufeff") return dumpLongText(text);
    const start = length;
    let n = 0;
    room(3 * text.length + 5);
    const at = start + 5;
    for (let i = 0; i < text.length; i++) {
      let c = text.codePointAt(i);
      if (c < 0x80) { out[at + n++] = c; continue; }
      if (c >= 0xd800 && c < 0xe000) throw new TypeError("half of a surrogate pair cannot be stored");
      if (c < 0x800) out[at + n++] = 0xc0 | c >> 6;
      else {
        if (c < 0x10000) out[at + n++] = 0xe0 | c >> 12;
        else { out[at + n++] = 0xf0 | c >> 18; out[at + n++] = 0x80 | c >> 12 & 63; i++; }
        out[at + n++] = 0x80 | c >> 6 & 63;
      }
      out[at + n++] = 0x80 | c & 63;
    }
    sized(n, [0xa0, 32], 0xd9, 0xda);
    out.copyWithin(length, at, at + n);
    length += n;
  }
  // A long text is handed over as it is, between what is before and what is behind it. Not one with a zero, where C's
  // texts end, or with a byte order mark, which would be lost on the way.
  function dumpLongText(text) {
    if (text.length > resultBytesMax) throw tooLarge();
    if (!text.isWellFormed()) throw new TypeError("half of a surrogate pair cannot be stored");
    parts.push(out.buffer.slice(0, length), text);
    length = 0;
  }
  function dump(v, depth) {
    switch (typeof v) {
      case "number": return Number.isSafeInteger(v) && !Object.is(v, -0) ? dumpInteger(BigInt(v)) : dumpFloat(v);
      case "string": return dumpText(v);
      case "boolean": return byte(v ? 0xc3 : 0xc2);
      case "bigint": return dumpInteger(v);
      case "undefined": return byte(0xc0);
      case "object": break;
      default: throw new TypeError("a " + typeof v + " cannot be stored");
    }
    if (v === null) return byte(0xc0);
    if (v instanceof Float) return dumpFloat(Number(v));
    if (v instanceof Uint8Array) { sized(v.length, [0, 0], 0xc4, 0xc5); return raw(v); }
    if (v instanceof Timestamp) return dumpTimestamp(BigInt(v.seconds), Number(v.nanoseconds));
    if (v instanceof Ext) return dumpExt(Number(v.code), v.data);
    if (depth <= 0) throw new RangeError("nested too deep");
    if (v instanceof Path) return dumpPath(v, depth);
    if (Array.isArray(v)) {
      if (v.length > resultBytesMax) throw tooLarge();
      sized(v.length, [0x90, 16], 0, 0xdc);
      for (let i = 0; i < v.length; i++) dump(v[i], depth - 1);
      return;
    }
    if (v instanceof Map) {
      sized(v.size, [0x80, 16], 0, 0xde);
      for (const [key, value] of v) { dump(key, depth - 1); dump(value, depth - 1); }
      return;
    }
    const prototype = Object.getPrototypeOf(v);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError("a " + (prototype.constructor?.name || "strange object") + " cannot be stored");
    }
    const keys = Object.keys(v);
    sized(keys.length, [0x80, 16], 0, 0xde);
    for (const key of keys) { dumpText(key); dump(v[key], depth - 1); }
  }
  function dumpPath(path, depth) {
    const start = length, before = parts.length;
    if (path.mark) dumpText(path.mark);
    for (const element of path.elements) dump(element, depth - 1);
    if (parts.length > before) throw new RangeError("an element of a path is too long");
    const data = out.slice(start, length);
    length = start;
    dumpExt(path.mark ? 6 : 3, data);
  }
  function dumpTimestamp(seconds, nanoseconds) {
    if (BigInt.asIntN(64, seconds) !== seconds || !(nanoseconds >= 0 && nanoseconds < 1e9 && Number.isInteger(nanoseconds))) {
      throw new RangeError("this timestamp cannot be stored");
    }
    const data = new DataView(new ArrayBuffer(12));
    if (seconds < 0n || seconds >> 34n) {
      data.setUint32(0, nanoseconds);
      data.setBigInt64(4, seconds);
      return dumpExt(-1, new Uint8Array(data.buffer));
    }
    data.setBigUint64(0, BigInt(nanoseconds) << 34n | seconds);
    const isShort = nanoseconds === 0 && !(seconds >> 32n);
    dumpExt(-1, new Uint8Array(data.buffer, isShort ? 4 : 0, isShort ? 4 : 8));
  }
  function dumped(v) {
    length = 0;
    parts = [];
    if (out.length > 65536) { out = new Uint8Array(256); outView = new DataView(out.buffer); }
    try { dump(v, 100); } catch (error) { throw badResult(error); }
    const rest = out.buffer.slice(0, length);
    if (parts.length === 0) return rest;
    parts.push(rest);
    return parts;
  }
  const bad = new WeakSet();
  function badResult(error) {
    const e = typeof error === "object" && error !== null ? error : new TypeError(String(error));
    bad.add(e);
    return e;
  }
`;
