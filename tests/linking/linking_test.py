"""The linking test: no symbol of OpenSSL, protobuf, gRPC or abseil crosses between our binary and the Arrow wheel.

Both worlds carry their own OpenSSL (Debian's, static in our binary; another one, exported by the wheel's libparquet).
A call that the loader bound across would land in a different version of the same library. So the loader is asked to
bind everything at once and to say what it bound where (LD_DEBUG=bindings), and every binding between the two must be
one of those that are meant: Arrow's and Parquet's own names, and the C++ runtime's that both share.

usage: linking_test.py [BINARY...]; without arguments it checks bin/centella.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINDING = re.compile(r"binding file (\S+) \[0\] to (\S+) \[0\]: \w+ symbol `([^']+)'(?: \[(\w+)[^\]]*\])?")
ARROW = re.compile(r"(^|\D)(5arrow|7parquet)")
# std:: and the type information of built-in types, as the C++ ABI mangles them.
RUNTIME = re.compile(r"^_Z(T[ISV])?(N[KVRO]*)?(S[tabsiod]|9__gnu_cxx|10__cxxabiv1)|^_ZT[IS][a-z]$|^_Z(nw|na|dl|da)")
RUNTIME_VERSIONS = ("GLIBC_", "GLIBCXX_", "CXXABI_")


def bindings(binary):
    """Yields (from, to, symbol, version) for every symbol that the loader binds when `binary` starts."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, LD_DEBUG="bindings", LD_BIND_NOW="1", LD_DEBUG_OUTPUT=f"{folder}/bindings")
        subprocess.run([binary, "--version"], env=environment, check=True, stdout=subprocess.DEVNULL)
        for file in pathlib.Path(folder).iterdir():
            for line in file.read_text(errors="replace").splitlines():
                if found := BINDING.search(line):
                    yield found.groups()


def world(path, binary):
    """Which of the two worlds a loaded file belongs to; None for the system's libraries that both use."""
    if path == binary:
        return "binary"
    return "wheel" if "/pyarrow/" in path else None


def crossings(binary):
    """The bindings that should not be, as lines for a reader, and the number of those looked at."""
    wrong, seen = [], 0
    for source, target, symbol, version in bindings(binary):
        ends = world(source, binary), world(target, binary)
        if ends not in (("binary", "wheel"), ("wheel", "binary")):
            continue
        seen += 1
        shared = RUNTIME.match(symbol) or (version or "").startswith(RUNTIME_VERSIONS)
        if not ARROW.search(symbol) and not shared:
            wrong.append(f"{source}: binds `{symbol}` in {target}")
    return wrong, seen


def exported(binary):
    """The symbols of statically linked libraries that `binary` offers to others: there should be none."""
    listing = subprocess.run(["nm", "-D", "--defined-only", "-P", binary], check=True, text=True, capture_output=True)
    names = [line.split()[0] for line in listing.stdout.splitlines()]
    foreign = re.compile(r"^(SSL_|EVP_|CRYPTO_|OPENSSL_|X509_|BIO_|ERR_|grpc_|gpr_|upb_|ares_|ZSTD_|LZ4)|"
                         r"6google8protobuf|4grpc|4absl|9grpc_core")
    return [f"{binary}: exports `{name}`" for name in names if foreign.search(name)]


def main():
    binaries = sys.argv[1:] or [str(ROOT / "bin" / "centella")]
    passed = failed = 0
    for binary in binaries:
        if not os.path.exists(binary):
            sys.exit(f"{binary}: not there; run `make build` first")
        binary = os.path.realpath(binary)
        wrong, seen = crossings(binary)
        if seen == 0:
            wrong.append(f"{binary}: the loader reported no binding to the Arrow wheel; is it linked to it at all?")
        for problems, what in ((wrong, f"{seen} bindings to and from the wheel"), (exported(binary), "exports")):
            for problem in problems:
                print(problem)
            failed += bool(problems)
            passed += not problems
            print(f"linking: {os.path.basename(binary)}: {what}: {'FAILED' if problems else 'ok'}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
