// SPDX-License-Identifier: MIT
#include "scenarios/time_distribution_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include <nlohmann/json.hpp>

#include "scenarios/exact_units.h"
#include "scenarios/json_reader.h"
#include "scenarios/recorded_time.h"

namespace depthfinder {
namespace {

using Words = std::vector<std::string_view>;

Result<double> parse_number(std::string_view what, std::string_view text, double highest) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= highest))
    return fail(ErrorKind::bad_input, "{} must be a number from 0 to {}, not '{}'", what, highest, text);
  return value;
}

Result<TimeDistribution> parse_uniform(const Words& words) {
  UniformTime uniform;
  DF_ASSIGN(uniform.min, parse_time_of_service(words[1]));
  DF_ASSIGN(uniform.max, parse_time_of_service(words[2]));
  if (uniform.min >= uniform.max) return fail(ErrorKind::bad_input, "MIN must be less than MAX");
  return uniform;
}

Result<TimeDistribution> parse_exponential(const Words& words) {
  ExponentialTime exponential;
  DF_ASSIGN(exponential.mean, parse_time_of_service(words[1]));
  if (exponential.mean.count() == 0) return fail(ErrorKind::bad_input, "MEAN must be more than 0");
  return exponential;
}

Result<TimeDistribution> parse_log_normal(const Words& words) {
  constexpr double kSigmaMax = 10;
  LogNormalTime log_normal;
  DF_ASSIGN(log_normal.median, parse_time_of_service(words[1]));
  DF_ASSIGN(log_normal.sigma, parse_number("SIGMA", words[2], kSigmaMax));
  if (log_normal.median.count() == 0) return fail(ErrorKind::bad_input, "MEDIAN must be more than 0");
  return log_normal;
}

Result<TimeDistribution> parse_pareto(const Words& words) {
  constexpr double kAlphaMax = 100;
  constexpr double kAlphaMin = 0.01;
  ParetoTime pareto;
  DF_ASSIGN(pareto.min, parse_time_of_service(words[1]));
  DF_ASSIGN(pareto.max, parse_time_of_service(words[2]));
  DF_ASSIGN(pareto.alpha, parse_number("ALPHA", words[3], kAlphaMax));
  if (pareto.min.count() == 0) return fail(ErrorKind::bad_input, "MIN must be more than 0");
  if (pareto.min >= pareto.max) return fail(ErrorKind::bad_input, "MIN must be less than MAX");
  if (pareto.alpha < kAlphaMin) return fail(ErrorKind::bad_input, "ALPHA must be at least {}", kAlphaMin);
  return pareto;
}

struct Form {
  std::string_view name;
  std::string_view words;  // as messages show them
  std::size_t count;       // of words
  Result<TimeDistribution> (*parse)(const Words& words);
};
constexpr std::array kForms = {Form{"uniform", "uniform:MIN:MAX", 3, parse_uniform},
                               Form{"exponential", "exponential:MEAN", 2, parse_exponential},
                               Form{"lognormal", "lognormal:MEDIAN:SIGMA", 3, parse_log_normal},
                               Form{"pareto", "pareto:MIN:MAX:ALPHA", 4, parse_pareto}};
constexpr std::string_view kRecorded = "recorded:";

Words split(std::string_view text) {
  Words words;
  for (;;) {
    const std::size_t colon = text.find(':');
    words.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return words;
    text.remove_prefix(colon + 1);
  }
}

Result<TimeDistribution> parse_text(std::string_view text, const std::filesystem::path& base_directory) {
  if (text.starts_with(kRecorded)) {
    DF_ASSIGN(RecordedTime recorded, read_recorded_time(text.substr(kRecorded.size()), base_directory));
    return recorded;
  }
  const Words words = split(text);
  if (words.size() == 1) {
    DF_ASSIGN(const Nanoseconds constant, parse_time_of_service(text));
    return ConstantTime{constant};
  }
  for (const Form& form : kForms) {
    if (form.name != words[0]) continue;
    if (words.size() != form.count)
      return fail(ErrorKind::bad_input, "'{}' has {} values; write {}", text, words.size() - 1, form.words);
    auto parsed = form.parse(words);
    if (!parsed) return pass_on(parsed.error(), fmt::format("'{}'", text));
    return parsed;
  }
  return fail(
      ErrorKind::bad_input,
      "'{}' is no distribution; write 5ms, uniform:MIN:MAX, exponential:MEAN, lognormal:MEDIAN:SIGMA, "
      "pareto:MIN:MAX:ALPHA or recorded:FILE",
      text);
}

struct Writer {
  nlohmann::ordered_json operator()(const ConstantTime& time) const { return exact_duration(time.value); }
  nlohmann::ordered_json operator()(const UniformTime& time) const {
    return fmt::format("uniform:{}:{}", exact_duration(time.min), exact_duration(time.max));
  }
  nlohmann::ordered_json operator()(const ExponentialTime& time) const {
    return "exponential:" + exact_duration(time.mean);
  }
  nlohmann::ordered_json operator()(const LogNormalTime& time) const {
    return fmt::format("lognormal:{}:{}", exact_duration(time.median), time.sigma);
  }
  nlohmann::ordered_json operator()(const ParetoTime& time) const {
    return fmt::format("pareto:{}:{}:{}", exact_duration(time.min), exact_duration(time.max), time.alpha);
  }
  nlohmann::ordered_json operator()(const RecordedTime& time) const { return percentiles_json(time); }
};

}  // namespace

Result<TimeDistribution> parse_time_distribution(const nlohmann::json& value,
                                                 const std::filesystem::path& base_directory) {
  if (value.is_string()) return parse_text(value.get_ref<const std::string&>(), base_directory);
  DF_ASSIGN(RecordedTime recorded, parse_percentiles(value));
  return recorded;
}

nlohmann::ordered_json time_distribution_json(const TimeDistribution& distribution) {
  return std::visit(Writer(), distribution);
}

}  // namespace depthfinder
