// SPDX-License-Identifier: MIT
// The gate's figures and doubts in words, shared by its writers. Pure; any thread.
#pragma once

#include <string>

#include "reports/gate.h"

namespace depthfinder {

std::string gate_figure_words(GateFigure figure);  // "throughput", "CPU time"
std::string gate_value(GateFigure figure,
                       double value);    // "612.3 MiB/s", "0.412 s", "1.25 s/GiB", "58.1 MiB"
std::string gate_change(double change);  // "+5.1 %", "-0.3 %"
std::string gate_bounds(const FigureJudgement& judgement);  // "+3.9 to +6.3 %"
// Why the verdict is what it is, in a sentence without a full stop.
std::string gate_reason(const GateFigureResult& figure, const GateRule& rule);
// "base -> head": the two programs, or the two settings where those differ.
std::string gate_sides(const GateResult& result);

}  // namespace depthfinder
