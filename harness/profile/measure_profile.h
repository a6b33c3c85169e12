// SPDX-License-Identifier: MIT
// Measures a Profile with Google Benchmark: rounds, each of which runs every stage once in a seeded order of its own,
// so that a host that slows down for a while slows all stages alike. The stages run on the calling thread; one more
// sends what the TLS stage receives, and is not counted. One measurement at a time in a process: Google Benchmark's
// list of benchmarks is the process's, and is empty again afterwards.
#pragma once

#include <functional>
#include <stop_token>

#include "harness/profile/profile.h"

namespace depthfinder {

enum class ProfileEffort {
  full,   // at most about twenty seconds, memory beyond any cache reported; what numbers are quoted from
  quick,  // at most about a second, 128 MiB: beyond what one core has of most caches
  smoke,  // one chunk a stage: that it runs, not what it costs
};

// Called before each stage with its name and the share done, 0 to 1.
using ProfileProgress = std::function<void(std::string_view stage, double done)>;

// Errors: cancelled, io (loopback, temporary file, memory), corrupt (a stage did not do what it should).
Result<Profile> measure_profile(ProfileEffort effort, const std::stop_token& stop,
                                const ProfileProgress& progress = {});

}  // namespace depthfinder
