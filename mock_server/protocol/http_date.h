// SPDX-License-Identifier: MIT
// "Tue, 24 Nov 2026 04:13:57 GMT": the value of a Date header. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace depthfinder::mock {

std::string format_http_date(std::int64_t time_s);

}  // namespace depthfinder::mock
