/**
 * The Python side of the marshalling: the classes of values that Python lacks, and msgpack to Python objects and back.
 *
 * @module
 */

/** Runs in `__main__`, first. `_in` is what is read, from `_at` on. */
export const pythonValues: string = `
import builtins, io, struct, sys, uctypes
from array import array
_unpack = struct.unpack_from
_pack = struct.pack
_head = array('I', [0, 0, 0, 0, 0])
_in = None
_out = None

_values = {'__name__': 'stored'}
exec('''
class Ext:
    def __init__(self, code, data):
        self.code = code
        self.data = data
    def __eq__(self, other):
        return type(other) is type(self) and other.code == self.code and other.data == self.data
    def __hash__(self):
        return hash((self.code, self.data))
    def __repr__(self):
        return 'Ext(%r, %r)' % (self.code, self.data)

class Timestamp:
    def __init__(self, seconds, nanoseconds=0):
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    def __eq__(self, other):
        return type(other) is type(self) and other.seconds == self.seconds and other.nanoseconds == self.nanoseconds
    def __hash__(self):
        return hash((self.seconds, self.nanoseconds))
    def __float__(self):
        return self.seconds + self.nanoseconds / 1000000000
    def __repr__(self):
        return 'Timestamp(%r, %r)' % (self.seconds, self.nanoseconds)

class Path:
    def __init__(self, *elements, mark=''):
        self.elements = elements
        self.mark = mark
    def __eq__(self, other):
        if type(other) is Path:
            return other.elements == self.elements and other.mark == self.mark
        return type(other) is tuple and other == self.elements
    def __hash__(self):
        return hash(self.elements)
    def __len__(self):
        return len(self.elements)
    def __getitem__(self, i):
        return self.elements[i]
    def __iter__(self):
        return iter(self.elements)
    def __add__(self, other):
        return Path(*(self.elements + tuple(other)), mark=self.mark)
    def __repr__(self):
        return 'Path(%s)' % ', '.join([repr(x) for x in self.elements])

class Entry:
    def __init__(self, path, data):
        self.path = path
        self.data = data
''', _values)
Path, Timestamp, Ext, _Entry = _values['Path'], _values['Timestamp'], _values['Ext'], _values['Entry']

_sizes = {0xcc: ('>B', 1), 0xcd: ('>H', 2), 0xce: ('>I', 4), 0xcf: ('>Q', 8), 0xd0: ('>b', 1), 0xd1: ('>h', 2),
    0xd2: ('>i', 4), 0xd3: ('>q', 8), 0xca: ('>f', 4), 0xcb: ('>d', 8)}
_counts = {0xc4: ('>B', 1), 0xc5: ('>H', 2), 0xc6: ('>I', 4), 0xc7: ('>B', 1), 0xc8: ('>H', 2), 0xc9: ('>I', 4),
    0xd9: ('>B', 1), 0xda: ('>H', 2), 0xdb: ('>I', 4), 0xdc: ('>H', 2), 0xdd: ('>I', 4), 0xde: ('>H', 2), 0xdf: ('>I', 4)}
_fixed = {0xd4: 1, 0xd5: 2, 0xd6: 4, 0xd7: 8, 0xd8: 16}
_at = 0
_generator = type((lambda: (yield))())

def _take(n):
    global _at
    start = _at
    _at = start + n
    return start

def _load(key=False):
    global _at
    at = _at
    b = _in[at]
    at += 1
    if b < 0x80 or b >= 0xe0:
        _at = at
        return b if b < 0x80 else b - 256
    if 0xa0 <= b < 0xc0:
        _at = at + (b & 31)
        return str(_in[at:_at], 'utf8')
    if b == 0xcb:
        _at = at + 8
        return _unpack('>d', _in, at)[0]
    _at = at
    if b < 0x90:
        return _load_map(b & 15)
    if b < 0xa0:
        return _load_list(b & 15, key)
    if b < 0xc4:
        return None if b == 0xc0 else b == 0xc3
    if b in _sizes:
        form, size = _sizes[b]
        return _unpack(form, _in, _take(size))[0]
    if b in _fixed:
        return _load_ext(_fixed[b])
    form, size = _counts[b]
    n = _unpack(form, _in, _take(size))[0]
    if b < 0xc7:
        start = _take(n)
        return bytes(_in[start:_at])
    if b < 0xca:
        return _load_ext(n)
    if b < 0xdc:
        start = _take(n)
        return str(_in[start:_at], 'utf8')
    if b < 0xde:
        return _load_list(n, key)
    return _load_map(n)

def _load_list(n, key):
    if key:
        return tuple([_load(True) for _ in range(n)])
    return [_load() for _ in range(n)]

def _load_map(n):
    global _at
    result = {}
    while n:
        n -= 1
        b = _in[_at]
        if 0xa0 <= b < 0xc0:
            at = _at + 1
            _at = at + (b & 31)
            k = str(_in[at:_at], 'utf8')
        else:
            k = _load(True)
        result[k] = _load()
    return result

def _load_ext(n):
    code = _in[_take(1)]
    start = _at
    end = start + n
    if code == 2:
        _take(n)
        return int.from_bytes(_in[start:end], 'big')
    if code == 3 or code == 6:
        mark = _load() if code == 6 else ''
        elements = []
        while _at < end:
            elements.append(_load(True))
        return Path(*elements, mark=mark)
    _take(n)
    if code == 255:
        if n == 4:
            return Timestamp(_unpack('>I', _in, start)[0])
        if n == 8:
            both = _unpack('>Q', _in, start)[0]
            return Timestamp(both & 0x3ffffffff, both >> 34)
        return Timestamp(_unpack('>q', _in, start + 4)[0], _unpack('>I', _in, start)[0])
    return Ext(code - 256 if code > 127 else code, bytes(_in[start:end]))

def _head_of(out, n, short, byte, word):
    if n < 256 and byte:
        out.append(byte)
        out.append(n)
    elif n < 65536:
        out.extend(_pack('>BH', word, n))
    else:
        out.extend(_pack('>BI', word + 1, n))

def _dump_int(out, v):
    if 0 <= v < 128 or -32 <= v < 0:
        out.append(v & 255)
    elif v >= 0:
        if v < 1 << 8: out.extend(_pack('>BB', 0xcc, v))
        elif v < 1 << 16: out.extend(_pack('>BH', 0xcd, v))
        elif v < 1 << 32: out.extend(_pack('>BI', 0xce, v))
        elif v < 1 << 64: out.extend(b'\\xcf' + v.to_bytes(8, 'big'))
        else:
            n = 9
            while v >> (8 * n): n += 1
            if n > 4096: raise ValueError('this integer is too large')
            _dump_ext(out, 2, v.to_bytes(n, 'big'))
    elif v >= -(1 << 7): out.extend(_pack('>Bb', 0xd0, v))
    elif v >= -(1 << 15): out.extend(_pack('>Bh', 0xd1, v))
    elif v >= -(1 << 31): out.extend(_pack('>Bi', 0xd2, v))
    elif v >= -(1 << 63): out.extend(b'\\xd3' + (v + (1 << 64)).to_bytes(8, 'big'))
    else: raise ValueError('integers begin at -2**63')

def _dump_ext(out, code, data):
    n = len(data)
    if n in (1, 2, 4, 8, 16): out.append({1: 0xd4, 2: 0xd5, 4: 0xd6, 8: 0xd7, 16: 0xd8}[n])
    elif n < 256: out.extend(_pack('>BB', 0xc7, n))
    elif n < 65536: out.extend(_pack('>BH', 0xc8, n))
    else: out.extend(_pack('>BI', 0xc9, n))
    out.append(code & 255)
    out.extend(data)

def _dump(out, v, depth):
    t = type(v)
    if v is None: out.append(0xc0)
    elif t is bool: out.append(0xc3 if v else 0xc2)
    elif t is int: _dump_int(out, v)
    elif t is float: out.extend(_pack('>Bd', 0xcb, v))
    elif t is str:
        data = v.encode()
        n = len(data)
        if n < 32: out.append(0xa0 | n)
        else: _head_of(out, n, 32, 0xd9, 0xda)
        out.extend(data)
    elif t is bytes or t is bytearray or t is memoryview:
        _head_of(out, len(v), 0, 0xc4, 0xc5)
        out.extend(v)
    elif depth <= 0: raise ValueError('nested too deep')
    elif t is list or t is tuple:
        n = len(v)
        if n < 16: out.append(0x90 | n)
        else: _head_of(out, n, 16, 0, 0xdc)
        for x in v: _dump(out, x, depth - 1)
    elif isinstance(v, dict):
        n = len(v)
        if n < 16: out.append(0x80 | n)
        else: _head_of(out, n, 16, 0, 0xde)
        for k in v:
            _dump(out, k, depth - 1)
            _dump(out, v[k], depth - 1)
    elif t is Path:
        inner = bytearray()
        if v.mark: _dump(inner, v.mark, 0)
        for x in v.elements: _dump(inner, x, depth - 1)
        _dump_ext(out, 6 if v.mark else 3, inner)
    elif t is Timestamp:
        s, n = v.seconds, v.nanoseconds
        if not (-(1 << 63) <= s < 1 << 63 and 0 <= n < 1000000000): raise ValueError('this timestamp cannot be stored')
        if 0 <= s < 1 << 32 and n == 0: _dump_ext(out, 255, _pack('>I', s))
        elif 0 <= s < 1 << 34: _dump_ext(out, 255, _pack('>Q', n << 34 | s))
        else: _dump_ext(out, 255, _pack('>Iq', n, s))
    elif t is Ext: _dump_ext(out, v.code, v.data)
    else: raise TypeError('a %s cannot be stored' % t.__name__)
`;
