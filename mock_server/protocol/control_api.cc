// SPDX-License-Identifier: MIT
#include "mock_server/protocol/control_api.h"

#include <nlohmann/json.hpp>

#include "restore_core/base/units.h"
#include "scenarios/server_spec_loader.h"
#include "scenarios/strict_json.h"

namespace depthfinder::mock {

namespace {

constexpr std::uint64_t kRequestsUnasked = 1000;

HttpAnswer json_answer(std::string body) { return {.content_type = kJsonType, .body = std::move(body)}; }

Result<std::uint64_t> parse_limit(std::string_view value) {
  return parse_count("the number of requests", value, 1, TimelineLog::kKept);
}

std::string check_limit(std::string_view value) {
  const auto count = parse_limit(value);
  return count ? "" : count.error().message;
}

}  // namespace

std::optional<HttpAnswer> ControlApi::answer(std::string_view method, std::string_view path,
                                             ParameterReader& parameters, std::string_view body) const {
  if (method == "GET" && path == "/depthfinder/metrics") return metrics(parameters);
  if (method == "GET" && path == "/depthfinder/requests") return requests(parameters);
  if (method == "GET" && path == "/depthfinder/server") return server(parameters);
  if (method == "PUT" && path == "/depthfinder/server") return set_server(parameters, body);
  if (method == "POST" && path == "/depthfinder/reset") return reset(parameters);
  return std::nullopt;
}

HttpAnswer ControlApi::metrics(ParameterReader& parameters) const {
  const auto reset = parameters.optional("reset", check_boolean);
  if (auto refused = parameters.refusal_if_any()) return std::move(*refused);
  HttpAnswer answer = json_answer(service_.metrics_json());
  if (reset && is_true(*reset)) service_.reset();
  return answer;
}

HttpAnswer ControlApi::requests(ParameterReader& parameters) const {
  const auto limit = parameters.optional("limit", check_limit);
  const auto earliest = parameters.optional("earliest", check_limit);
  if (auto refused = parameters.refusal_if_any()) return std::move(*refused);
  if (limit && earliest) return refusal(400, "give limit or earliest, not both");
  if (earliest)
    return json_answer(service_.timelines.earliest_chunks_json(parse_limit(*earliest).value_or(1)));
  return json_answer(
      service_.timelines.json(limit ? parse_limit(*limit).value_or(kRequestsUnasked) : kRequestsUnasked));
}

HttpAnswer ControlApi::server(ParameterReader& parameters) const {
  if (auto refused = parameters.refusal_if_any()) return std::move(*refused);
  return json_answer(server_spec_json(service_.behaviour()->spec).dump());
}

HttpAnswer ControlApi::set_server(ParameterReader& parameters, std::string_view body) const {
  if (auto refused = parameters.refusal_if_any()) return std::move(*refused);
  const auto object = parse_strict_json(body, "server");
  if (!object) return refusal(400, object.error().message);
  // It can name no file of this machine: what it wants stands in it.
  auto spec = parse_server_spec(*object, {});
  if (!spec) return refusal(400, spec.error().message);
  service_.behave(std::move(*spec));
  return json_answer(server_spec_json(service_.behaviour()->spec).dump());
}

HttpAnswer ControlApi::reset(ParameterReader& parameters) const {
  if (auto refused = parameters.refusal_if_any()) return std::move(*refused);
  service_.reset();
  return json_answer("{\"data\":null}");
}

}  // namespace depthfinder::mock
