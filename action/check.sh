#!/usr/bin/env bash
# The step "Check" of action.yml: runs the gate, tells the later steps what it wrote, and ends as the gate ends.
set -uo pipefail
out="${RUNNER_TEMP:-$(mktemp -d)}"
arguments=(--markdown "$out/rxb-check.md" --junit "$out/rxb-check.xml")
[ -z "${BASELINE:-}" ] || arguments+=(--baseline "$BASELINE")
[ "${STRICT:-false}" != true ] || arguments+=(--strict)
npx --no-install rxb check "${arguments[@]}"
code=$?
verdict=refused
case $code in
  4) verdict=fail ;;
  5) verdict=inconclusive ;;
  0) verdict=pass; ! grep -q '^### Routers: ?' "$out/rxb-check.md" || verdict=inconclusive ;;
esac
{
  echo "verdict=$verdict"
  [ ! -f "$out/rxb-check.md" ] || echo "markdown=$out/rxb-check.md"
  [ ! -f "$out/rxb-check.xml" ] || echo "junit=$out/rxb-check.xml"
} >> "$GITHUB_OUTPUT"
exit $code
