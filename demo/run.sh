#!/bin/sh
# The demo: what an instructor does on Monday, on a class of hand-made submissions. Results are left in demo/out/.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
rm -rf demo/out && mkdir -p demo/out
export GRADER_GRADEBOOK=sqlite:///demo/out/gradebook.db

run() {
    printf '\n$ grader %s\n' "$*"
    grader "$@"
}

run build
run roster tests/small_class/roster.csv
for assignment in conv_forward sizing pooling backprop pytorch_cnn; do
    submissions=tests/small_class/$assignment
    [ -d "$submissions/submitted" ] && submissions=$submissions/submitted
    run grade $assignment "$submissions"
    run report $assignment --to demo/out/reports/$assignment
    for format in csv json junit gradescope; do
        case $format in
            junit) file=$assignment.junit.xml ;;
            gradescope) file=$assignment-gradescope ;;
            *) file=$assignment.$format ;;
        esac
        run export $assignment --format $format --to demo/out/exports/$file
    done
done
printf '\nScores:   demo/out/exports/*.csv\nFeedback: demo/out/reports/*/index.html\n'
