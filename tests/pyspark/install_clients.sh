#!/bin/sh
# Installs the full pyspark packages that test_clients.py tries, each in a virtual environment of its own, with the
# versions pinned in clients/: install_clients.sh FOLDER. About 3 GB; what is there already is kept.
set -eu
folder=${1:?usage: install_clients.sh FOLDER}
pins=$(dirname "$0")/clients

for file in "$pins"/*.txt; do
  version=$(basename "$file" .txt)
  stamp=$folder/$version/.installed
  cmp -s "$file" "$stamp" && continue
  echo "installing pyspark $version into $folder/$version"
  mkdir -p "$folder"
  [ -x "$folder/$version/bin/python" ] || python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check --no-compile -r "$file"
  cp "$file" "$stamp"
done
