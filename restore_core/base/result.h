// SPDX-License-Identifier: MIT
// Result<T>: a value or an Error; the return type of everything that the world can make fail.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "restore_core/base/error.h"

namespace depthfinder {

template <typename T>
using Result = tl::expected<T, Error>;

// fail(kind, "format {}", ...) returns from any function that returns a Result.
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return tl::make_unexpected(Error{kind, fmt::format(format, std::forward<Args>(args)...), {}});
}

// The same for malformed input, with its class for machines; `reason` must be a literal.
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> malformed(ErrorKind kind, std::string_view reason,
                                              fmt::format_string<Args...> format, Args&&... args) {
  return tl::make_unexpected(Error{kind, fmt::format(format, std::forward<Args>(args)...), reason});
}

// Passes an error on, with context in front of its message.
[[nodiscard]] inline tl::unexpected<Error> pass_on(const Error& error) { return tl::make_unexpected(error); }
[[nodiscard]] inline tl::unexpected<Error> pass_on(const Error& error, std::string_view context) {
  return tl::make_unexpected(error.with_context(context));
}

}  // namespace depthfinder

// DF_TRY(expression): returns its error, if it is one; the value is dropped.
#define DF_TRY(expression)                                            \
  do {                                                                \
    if (auto df_try_result = (expression); !df_try_result)            \
      return ::tl::make_unexpected(std::move(df_try_result).error()); \
  } while (false)

// DF_ASSIGN(declaration, expression): the value, or returns its error. Use a statement of its own.
#define DF_ASSIGN(declaration, expression) \
  DF_ASSIGN_IMPL(DF_CONCAT(df_result_, __LINE__), declaration, expression)
#define DF_ASSIGN_IMPL(result, declaration, expression)                 \
  auto result = (expression);                                           \
  if (!result) return ::tl::make_unexpected(std::move(result).error()); \
  declaration = std::move(*result)
#define DF_CONCAT(a, b) DF_CONCAT_IMPL(a, b)
#define DF_CONCAT_IMPL(a, b) a##b
