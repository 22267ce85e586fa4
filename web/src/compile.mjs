// Compiles Python modules for the interpreter of the page, by that interpreter: `node compile.mjs IN.zip OUT.zip LEVEL`.
// What the page carries is bytecode, so that no clerk waits for a compiler; LEVEL 2 leaves out docstrings.
import { readFileSync, writeFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const [, , given, made, level] = process.argv;
// The order in which sets of constants are written down rests on this seed.
const pyodide = await loadPyodide({ env: { HOME: "/home", PYTHONHASHSEED: "0" } });
pyodide.globals.set("given", new Uint8Array(readFileSync(given)));
pyodide.globals.set("level", Number(level));
const compiled = pyodide.runPython(`
import io, importlib.util, marshal, types, zipfile

def bare(code):
    """Without the table of line numbers, a quarter of the size: nobody reads a traceback in the page."""
    constants = tuple(bare(one) if isinstance(one, types.CodeType) else one for one in code.co_consts)
    return code.replace(co_consts=constants, co_linetable=b"")

def compiled(name, source):
    code = bare(compile(source, name, "exec", dont_inherit=True, optimize=level))
    # Flag 1: known by the hash of its source, which is not looked for.
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(source) + marshal.dumps(code)

out = io.BytesIO()
with zipfile.ZipFile(io.BytesIO(given.to_bytes())) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
    for name in archive.namelist():
        data = archive.read(name)
        if name.endswith(".py"):
            name, data = name + "c", compiled(name, data)
        target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
out.getvalue()
`);
writeFileSync(made, compiled.toJs());
