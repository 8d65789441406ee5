#!/bin/sh
# Make a virtual environment that serves trained models, without TensorFlow:
#
#     deploy/install.sh FOLDER
#
# Modules are compiled when they are first loaded, which saves 0.1 GB. The prediction at
# the end compiles what the service loads, as the folder may be read-only later.
set -eu
case $1 in /*) folder=$1 ;; *) folder=$PWD/$1 ;; esac
cd "$(dirname "$0")/.."
"${PYTHON:-python3}" -m venv --clear "$folder"
pip() { "$folder/bin/python" -m pip --quiet --no-cache-dir "$@"; }
pip install --no-compile --requirement requirements/serve.txt
pip install --no-deps .
pip uninstall --yes setuptools pip
"$folder/bin/python" deploy/first_prediction.py
