// SPDX-License-Identifier: MIT
// ControlApi: what the mock says of itself and lets be changed, under /depthfinder/: no PBS has these.
//   GET  metrics[?reset=1]    counters, the time model's wishes against what was served (metrics.h); then starts again
//   GET  requests[?limit=N]   the latest timelines (timeline.h); 1000 unless asked for more
//   GET  requests?earliest=N  those of the first chunks that were answered in full
//   GET  server               the server object in force, as in a scenario file
//   PUT  server               another one, for requests from now on; as reset
//   POST reset                counters, timelines and models as at the start
// Whoever changes something has been authenticated by the caller. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "mock_server/protocol/http_answer.h"
#include "mock_server/protocol/parameters.h"
#include "mock_server/protocol/service.h"

namespace depthfinder::mock {

class ControlApi {
 public:
  explicit ControlApi(Service& service) : service_(service) {}

  // Nothing when there is no such route.
  [[nodiscard]] std::optional<HttpAnswer> answer(std::string_view method, std::string_view path,
                                                 ParameterReader& parameters, std::string_view body) const;

 private:
  [[nodiscard]] HttpAnswer metrics(ParameterReader& parameters) const;
  [[nodiscard]] HttpAnswer requests(ParameterReader& parameters) const;
  [[nodiscard]] HttpAnswer server(ParameterReader& parameters) const;
  [[nodiscard]] HttpAnswer set_server(ParameterReader& parameters, std::string_view body) const;
  [[nodiscard]] HttpAnswer reset(ParameterReader& parameters) const;

  Service& service_;
};

}  // namespace depthfinder::mock
