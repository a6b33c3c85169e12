// SPDX-License-Identifier: MIT
// Names for threads, as top, perf and a debugger show them.
#pragma once

#include <pthread.h>

namespace depthfinder {

// Of the calling thread; at most 15 characters, or the kernel keeps the old one.
inline void name_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace depthfinder
