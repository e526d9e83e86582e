#!/bin/sh
# Runs once, as root, when Gradescope builds the image: Python with its packages, a user for students' code, closed doors.
set -eu
umask 022
cd /autograder/source

# A Python that is new enough and can make virtual environments; Ubuntu's, if there is none.
find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return 0
        fi
    done
    return 1
}
if ! find_python; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    for version in 3.13 3.12 3.11; do
        if apt-get install -y --no-install-recommends "python$version-venv"; then break; fi
    done
    if ! find_python; then
        echo "This image has no Python 3.11 or newer. Choose Ubuntu 22.04 or newer as the base image." >&2
        exit 1
    fi
fi

"$python" -m venv --clear /autograder/venv
bin=/autograder/venv/bin
install() {
    "$bin/python" -m pip install --disable-pip-version-check --no-cache-dir --prefer-binary --quiet --requirement "$1"
}
if ! install requirements.txt; then
    echo "Not all of these versions are there for this Python: taking the newest that are." >&2
    sed 's/==.*//' requirements.txt > newest.txt
    install newest.txt
fi
site=$("$bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
rm -rf "$site/autograder"
cp -R autograder "$site/"
"$bin/python" -m compileall -q "$site/autograder"

if ! id grader-student >/dev/null 2>&1; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin grader-student
fi
chmod -R go= /autograder/source
# An ordinary user has no folder to write to: what students' code may write, the grader gives it, and takes away again.
find / -xdev -type d -perm -0002 -exec chmod o-w {} + || echo "Those are read-only anyway."

echo "Installed. The solution, graded like a submission:"
"$bin/python" -I -m autograder.targets.gradescope.run solution || echo "It could not be graded: see above."
