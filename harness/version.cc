// SPDX-License-Identifier: MIT
#include "harness/version.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <nghttp2/nghttp2.h>
#include <openssl/crypto.h>
#include <zstd.h>

namespace depthfinder {

ToolInfo tool_info() {
  ToolInfo info;
  info.version = DEPTHFINDER_VERSION;
#if defined(__clang__)
  info.compiler = "clang " __clang_version__;
#else
  info.compiler = "gcc " __VERSION__;
#endif
  info.build_type = DEPTHFINDER_BUILD_TYPE;
  info.libraries = {{"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
                    {"curl", curl_version_info(CURLVERSION_NOW)->version},
                    {"nghttp2", nghttp2_version(0)->version_str},
                    {"zstd", ZSTD_versionString()}};
  return info;
}

std::string version_text() {
  const ToolInfo info = tool_info();
  std::string text = fmt::format("depthfinder {} ({}, {})", info.version, info.build_type, info.compiler);
  for (const auto& [name, version] : info.libraries) text += fmt::format("\n  {} {}", name, version);
  return text;
}

}  // namespace depthfinder
