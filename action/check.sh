#!/usr/bin/env bash
# The step "Check" of action.yml: runs the gate, passes the paths of its reports to later steps, and exits as the gate does.
set -uo pipefail
out="${RUNNER_TEMP:-$(mktemp -d)}"
markdown="$out/rxb-check.md" junit="$out/rxb-check.xml"
rm -f "$markdown" "$junit" # left by an earlier step
arguments=(--markdown "$markdown" --junit "$junit")
[ -z "${BASELINE:-}" ] || arguments+=(--baseline "$BASELINE")
[ "${STRICT:-false}" != true ] || arguments+=(--strict)
npx --no-install rxb check "${arguments[@]}" 2> "$out/rxb-check.log"
code=$?
cat "$out/rxb-check.log" >&2
verdict=refused
case $code in
  4) verdict=fail ;;
  5) verdict=inconclusive ;;
  0) verdict=pass; ! grep -q '^### Routers: ?' "$markdown" || verdict=inconclusive ;;
esac
if [ ! -f "$markdown" ]; then # refused: the comment must not keep the verdict of an earlier commit
  { printf '<!-- routerxbench check -->\n### Routers: ✘ nothing was compared\n\n````text\n'; tail -c 20000 "$out/rxb-check.log"; printf '````\n'; } > "$markdown"
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$markdown" >> "$GITHUB_STEP_SUMMARY"
fi
{
  echo "verdict=$verdict"
  echo "markdown=$markdown"
  [ ! -f "$junit" ] || echo "junit=$junit"
} >> "$GITHUB_OUTPUT"
exit $code
