#!/bin/sh
# Installs the full pyspark packages that test_clients.py tries, each in a virtual environment of its
# own: install_clients.sh FOLDER. About 3 GB; what is there already is kept.
set -eu
folder=${1:?usage: install_clients.sh FOLDER}

install() {
    version=$1
    shift
    if [ ! -f "$folder/$version/.done" ]; then
        echo "Installing pyspark $version …"
        python3 -m venv "$folder/$version"
        "$folder/$version/bin/pip" install --quiet --disable-pip-version-check --no-compile \
            "pyspark==$version" googleapis-common-protos "$@"
        touch "$folder/$version/.done"
    fi
}

mkdir -p "$folder"
# The older clients predate today's pandas, numpy, pyarrow and protobuf.
install 3.5.7 'pandas<2.3' 'numpy<2' 'pyarrow==17.0.0' 'protobuf<6' 'grpcio<1.67' 'grpcio-status<1.67' setuptools
install 4.0.1 'pandas<3' 'pyarrow<22' 'protobuf<7' 'grpcio<1.76' 'grpcio-status<1.76'
install 4.1.0 'pandas<3' 'pyarrow<23' grpcio grpcio-status zstandard
install 4.2.1 'pandas<3' pyarrow==26.0.1 grpcio grpcio-status zstandard
install 4.3.0 'pandas<3' pyarrow==26.0.1 grpcio grpcio-status zstandard
