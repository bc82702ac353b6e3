/**
 * What runs in an interpreter before any stored code: what may be imported, and how stored code is called.
 *
 * @module
 */

/** Modules without a way out. All others, `js` and `jsffi` above all, cannot be imported. */
export const pythonModules: readonly string[] = [
  "array",
  "base64",
  "binascii",
  "cmath",
  "collections",
  "copy",
  "datetime",
  "functools",
  "hashlib",
  "heapq",
  "itertools",
  "json",
  "math",
  "operator",
  "random",
  "re",
  "string",
  "struct",
  "time",
];

/** Runs in `__main__`, behind the values. `_head` holds: where the input is and its room, where the output is and its length, and a flag. */
export const pythonPrelude: string = `
def _room(n):
    global _in
    _in = bytearray(n)
    _head[0] = uctypes.addressof(_in)
    _head[1] = n

def _give(data, flag):
    global _out
    _out = data
    _head[2] = uctypes.addressof(data)
    _head[3] = len(data)
    _head[4] = flag

def _repr(x):
    if type(x) is not str: return repr(x)
    x = x[:4000]
    quote = '"' if "'" in x and '"' not in x else "'"
    text = quote
    for c in x:
        if c == quote or c == '\\\\': text += '\\\\' + c
        elif c < ' ' or c == '\\x7f': text += repr(c)[1:-1]
        else: text += c
    return text + quote

def _text_of(e):
    try:
        return '%s(%s)' % (type(e).__name__, ', '.join([_repr(x) for x in e.args]))
    except Exception:
        return '%s()' % type(e).__name__

def _fail(e, flag):
    name = type(e).__name__
    try:
        text = _text_of(e)
    except BaseException:
        text = name + '()'
    _give(bytearray(name + '\\n' + text[:4000], 'utf8'), flag)

exec('''
def guard(importer, allowed):
    def guarded(name, *rest):
        if name.split('.')[0] not in allowed:
            raise ImportError("no module named '%s'" % name)
        return importer(name, *rest)
    return guarded
def closed(*_, **__):
    raise OSError('stored code cannot open files')
def silent(*_, **__):
    pass
''', _values)
_allowed = {_MODULES}
for _name in _allowed:
    if _name != 'random': # it is seeded by its import
        __import__(_name)
builtins.__import__ = _values['guard'](builtins.__import__, _allowed)
for _name in ('open', 'input', 'execfile', 'help', '__repl_print__'):
    setattr(builtins, _name, _values['closed'])
builtins.print = _values['silent']
for _name in ('guard', 'closed', 'silent', 'Entry'):
    del _values[_name]
del builtins, _name, _allowed
_globals = None
_proc = None
_code = None
_fresh = None

def _head_at():
    return uctypes.addressof(_head)

def _compile(n):
    global _code, _fresh
    label = str(_in[n:], 'utf8').split('\\0')[0]
    try:
        _fresh = _in[0] == 1
        _code = compile(str(_in[1:n], 'utf8'), label, 'exec')
        _begin()
        _head[4] = 0
    except SyntaxError as e:
        _fail(_located(e, label), 4)
    except BaseException as e:
        _fail(e, 4)

def _located(e, label):
    text = io.StringIO()
    sys.print_exception(e, text)
    for line in text.getvalue().split('\\n'):
        if line.startswith('  File "%s"' % label):
            at = int(line.split(', line ')[1].split(',')[0]) - 1
            return type(e)('%s (%s, line %d)' % (e, label, at))
    return e

def _begin():
    global _globals, _proc
    _globals = {'__name__': 'stored', 'Path': Path, 'Timestamp': Timestamp, 'Ext': Ext,
        'entry': None, 'data': None, 'match': None, 'conv': None, 'prev': None}
    exec(_code, _globals)
    _proc = _globals['_proc']

def _context(names):
    global _at
    _at = 0
    for name in names.split():
        if name == 'entry':
            path = _load()
            _globals['entry'] = _Entry(path, _load())
        else:
            _globals[name] = _load()

def _clear(names):
    for name in names.split():
        _globals[name] = None

def _check(value):
    try:
        if type(_proc(value)) is _generator:
            raise TypeError('a check cannot be a generator')
    except BaseException as e:
        _fail(e, 2)
    if _fresh: _begin()

def _check_in():
    global _at
    _at = 0
    value = _load()
    _check(value)

def _convert(value):
    try:
        result = _proc(value)
    except BaseException as e:
        _fail(e, 2)
        if _fresh: _begin()
        return
    if _fresh: _begin()
    t = type(result)
    if t is float or t is bool or result is None or (t is int and -2147483648 <= result < 2147483648):
        return result
    try:
        out = bytearray()
        _dump(out, result, 100)
        _give(out, 1)
    except BaseException as e:
        _fail(e, 3)

def _convert_in():
    global _at
    _at = 0
    return _convert(_load())
`;
