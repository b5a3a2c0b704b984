#!/usr/bin/env bash
# A JupyterHub on this machine, to try a class out: an instructor, and the students ann and bob.
# Run it in the repository after 'make exercises'. It needs npm, which fetches the hub's proxy.
# Everything it writes is in .nbgrader/hub; stop it with Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/../../../.."
hub=.nbgrader/hub
mkdir -p "$hub"

if [ ! -x .venv/bin/jupyterhub ]; then
    .venv/bin/pip install --quiet --constraint constraints.txt 'jupyterhub>=5.3'
fi
if [ ! -x "$hub/node_modules/.bin/configurable-http-proxy" ]; then
    npm install --silent --no-fund --no-audit --prefix "$hub" configurable-http-proxy@5
fi
if [ ! -s "$hub/password" ]; then
    (umask 077 && .venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(9))' >"$hub/password")
fi

echo "The hub is at ${L2L_HUB:-http://127.0.0.1:8000}"
echo "Users: instructor, ann, bob. Password of all three: $(cat "$hub/password")"
export PATH="$PWD/$hub/node_modules/.bin:$PWD/.venv/bin:$PATH"
exec .venv/bin/jupyterhub --config l2l_ref/grading/classroom/hub/jupyterhub_config.py
