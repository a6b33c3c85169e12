// SPDX-License-Identifier: MIT
#include "harness/profile/profile_json.h"

#include <cmath>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/profile/profile_text.h"
#include "harness/profile/sample_profile.h"
#include "harness/temporary_directory.h"

namespace depthfinder {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json sample_json() { return json::parse(profile_json(sample_profile())); }

TEST(ProfileJson, ReadsWhatItWrites) {
  const std::string written = profile_json(sample_profile());
  const auto read = parse_profile(written, "profile.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(profile_json(*read), written);
  EXPECT_EQ(read->stages.size(), sample_profile().stages.size());
  EXPECT_EQ(read->stages[4].compression_ratio, 2);
  EXPECT_EQ(read->stages[7].lanes, 16);
  EXPECT_EQ(read->host.cpu_flags, sample_profile().host.cpu_flags);
}

TEST(ProfileJson, SaysWhatFollows) {
  const json written = sample_json();
  EXPECT_EQ(written.at("schema"), "depthfinder-profile");
  EXPECT_EQ(written.at("schema_version"), 1);
  EXPECT_EQ(written.at("sha256_kernels"), json({"openssl-sha-ni", "lanes-avx512-x16"}));
  EXPECT_EQ(written.at("best_sha256_kernel"), "lanes-avx512-x16");
  EXPECT_EQ(written.at("stages")[0].at("gb_per_s"), 2.0);
  EXPECT_NEAR(written.at("cpu_floor_ns_per_byte").at("plain_incompressible").get<double>(), 0.8, 1e-9);
}

TEST(ProfileJson, RefusesWhatIsNoProfile) {
  struct Case {
    const char* words;  // of the message
    std::function<void(json&)> spoil;
  };
  const Case cases[] = {
      {"\"schema\" is not", [](json& j) { j["schema"] = "depthfinder-result"; }},
      {"\"schema\" is not", [](json& j) { j = json::array(); }},
      {"schema_version 1", [](json& j) { j["schema_version"] = 2; }},
      {"unknown key \"colour\"", [](json& j) { j["colour"] = "blue"; }},
      {"unknown key \"colour\"", [](json& j) { j["host"]["colour"] = "blue"; }},
      {"unknown key \"colour\"", [](json& j) { j["stages"][3]["colour"] = "blue"; }},
      {"no \"rounds\"", [](json& j) { j.erase("rounds"); }},
      {"no \"ns_per_byte\"", [](json& j) { j["stages"][0].erase("ns_per_byte"); }},
      {"unknown stage \"tea\"", [](json& j) { j["stages"][0]["stage"] = "tea"; }},
      {"unknown effort", [](json& j) { j["effort"] = "some"; }},
      {"another size", [](json& j) { j["chunk_bytes"] = 4096; }},
      {"tls-receive is missing", [](json& j) { j["stages"].erase(0); }},
      {"twice", [](json& j) { j["stages"].push_back(j["stages"][0]); }},
      {"no cost above 0", [](json& j) { j["stages"][0]["ns_per_byte"] = 0; }},
      {"no cost above 0", [](json& j) { j["stages"][0]["ns_per_byte"] = -1; }},
      {"ratio", [](json& j) { j["stages"][3].erase("compression_ratio"); }},
      {"ratio", [](json& j) { j["stages"][0]["compression_ratio"] = 2; }},
      {"kernel", [](json& j) { j["stages"][6].erase("kernel"); }},
      {"is no profile", [](json& j) { j["stages"][0]["ns_per_byte"] = "fast"; }},
      {"is no profile", [](json& j) { j["seed"] = json::array(); }},
  };
  for (const Case& each : cases) {
    json spoiled = sample_json();
    each.spoil(spoiled);
    const auto read = parse_profile(spoiled.dump(), "profile.json");
    ASSERT_FALSE(read) << each.words;
    EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(read.error().message, HasSubstr(each.words));
    EXPECT_THAT(read.error().message, HasSubstr("profile.json"));
  }
  EXPECT_FALSE(parse_profile("{", "profile.json"));
  EXPECT_FALSE(parse_profile("", "profile.json"));
}

TEST(ProfileJson, ReadsFiles) {
  const auto directory = TemporaryDirectory::make();
  ASSERT_TRUE(directory);
  EXPECT_EQ(read_profile(directory->path() / "none.json").error().kind, ErrorKind::not_found);
}

TEST(ProfileCheck, RefusesCostsThatAreNone) {
  EXPECT_TRUE(check_profile(sample_profile()));
  for (const double cost : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    Profile profile = sample_profile();
    profile.stages[2].ns_per_byte = cost;
    EXPECT_FALSE(check_profile(profile)) << cost;
  }
}

TEST(ProfileText, IsATableOf80Columns) {
  Profile profile = sample_profile();
  profile.host.cpu_model = std::string(100, 'x');
  const std::string text = profile_text(profile);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  const std::string expected =
      R"(Sample CPU, 2 logical CPUs, load 0.2
per core, CPU time; 4 MiB chunks, memory-cold over 256 MiB; median of 11 rounds

stage           ns/byte    GB/s   spread  how
tls-receive      0.5000    2.00       4%  TLSv1.3 TLS_AES_256_GCM_SHA384
crc32            0.0500   20.00       4%
aes-256-gcm      0.2000    5.00       4%  in place
zstd 1.2:1       0.1000   10.00       4%
zstd 2.0:1       0.3000    3.33       4%
zstd 4.0:1       0.4000    2.50       4%
sha256           0.6000    1.67       4%  openssl-sha-ni
sha256           0.2500    4.00       4%  lanes-avx512-x16 (best)
memory-copy      0.1000   10.00       4%
fresh-memory     0.7000    1.43       4%
zero-scan        0.0300   33.33       4%
file-write       0.8000    1.25       4%  page cache, /tmp

floor of a restore to null  ns/byte   s/GiB
plain, incompressible        0.8000   0.859
plain, ratio 1.8             0.8185   0.879
encrypted, incompressible    1.0000   1.074
encrypted, ratio 1.8         0.9296   0.998
)";
  EXPECT_EQ(profile_text(sample_profile()), expected);
}

}  // namespace
}  // namespace depthfinder
