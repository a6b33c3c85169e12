// SPDX-License-Identifier: MIT
#include "mock_server/protocol/target.h"

#include <algorithm>

#include "restore_core/base/digest.h"

namespace depthfinder::mock {

namespace {

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Calls `visit(piece)` for every piece between separators; stops at the first error.
template <typename Visit>
Result<void> for_each_piece(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) DF_TRY(visit(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

std::string Target::path() const {
  if (components.empty()) return "/";
  std::string text;
  for (const std::string& component : components) text += "/" + component;
  return text;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const auto byte = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
      if (!byte) return std::nullopt;
      decoded.push_back(static_cast<char>((*byte)[0]));
      i += 2;
    } else {
      decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

Result<std::vector<Parameter>> parse_form(std::string_view text) {
  std::vector<Parameter> parameters;
  DF_TRY(for_each_piece(text, '&', [&](std::string_view piece) -> Result<void> {
    const std::size_t equals = std::min(piece.find('='), piece.size());
    auto name = percent_decode(piece.substr(0, equals), true);
    auto value = percent_decode(piece.substr(std::min(equals + 1, piece.size())), true);
    if (!name || !value) return fail(ErrorKind::bad_input, "bad percent escape in the query");
    parameters.push_back({std::move(*name), std::move(*value)});
    return {};
  }));
  return parameters;
}

Result<Target> parse_target(std::string_view raw) {
  if (raw.empty() || raw[0] != '/')
    return fail(ErrorKind::bad_input, "the request target must start with '/'");
  const std::size_t question = std::min(raw.find('?'), raw.size());
  Target target;
  DF_TRY(for_each_piece(raw.substr(0, question), '/', [&](std::string_view piece) -> Result<void> {
    auto component = percent_decode(piece, false);
    if (!component || has_control_character(*component))
      return fail(ErrorKind::bad_input, "bad path component");
    if (component->starts_with('.')) return fail(ErrorKind::bad_input, "path component starts with '.'");
    target.components.push_back(std::move(*component));
    return {};
  }));
  DF_ASSIGN(target.parameters, parse_form(raw.substr(std::min(question + 1, raw.size()))));
  return target;
}

}  // namespace depthfinder::mock
