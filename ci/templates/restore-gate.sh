#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Gates a change of the restore path in any CI: builds or takes two programs, runs `depthfinder gate`, keeps what it says.
#
#   BASE=old/depthfinder HEAD=new/depthfinder restore-gate.sh [further options of gate]
#
#   BASE, HEAD     the programs before and after the change
#   GATE           the depthfinder that judges (default: HEAD). Best one that is known to be good
#   OUT            where gate.json, gate.md and gate.xml go (default: gate-results)
#   INCONCLUSIVE   what "cannot tell" means for the job: fail (default) or pass
#
# Exit status: 0 pass, 1 regression, 3 inconclusive, others: see `depthfinder gate --help`.
set -euo pipefail

: "${BASE:?the program before the change}" "${HEAD:?the program with the change}"
gate=${GATE:-$HEAD}
out=${OUT:-gate-results}
inconclusive=${INCONCLUSIVE:-fail}
case $inconclusive in fail | pass) ;; *) echo "INCONCLUSIVE must be fail or pass, not '$inconclusive'" >&2; exit 2 ;; esac

mkdir -p "$out"
status=0
"$gate" gate --base "$BASE" --head "$HEAD" -o "$out/gate.json" --markdown "$out/gate.md" --junit "$out/gate.xml" "$@" \
  || status=$?
# GitHub shows this file beside the job.
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$out/gate.md" ]; then cat "$out/gate.md" >>"$GITHUB_STEP_SUMMARY"; fi
if [ "$status" -eq 3 ] && [ "$inconclusive" = pass ]; then
  echo "inconclusive, which INCONCLUSIVE=pass lets through" >&2
  status=0
fi
exit "$status"
