// SPDX-License-Identifier: MIT
#include "scenarios/server_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "scenarios/key_value_pairs.h"
#include "scenarios/server_spec_loader.h"

namespace depthfinder {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(ObjectFromPairs, TellsNumbersBooleansAndTextsApart) {
  const auto object =
      object_from_pairs("servers=4,time=lognormal:5ms:0.5,share=0.25,warm=true,digest=12e4,x=a=b",
                        std::vector<std::string>{"digest"});
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*object, json::parse(R"({"servers": 4, "time": "lognormal:5ms:0.5", "share": 0.25, "warm": true,
                                     "digest": "12e4", "x": "a=b"})"));
}

TEST(ObjectFromPairs, RefusesWhatIsNoListOfPairs) {
  struct Row {
    const char* text;
    const char* word;
  };
  constexpr Row kRows[] = {{"", "KEY=VALUE"},
                           {"servers", "KEY=VALUE"},
                           {"servers=4,", "KEY=VALUE"},
                           {"=4", "no key"},
                           {"servers=", "no value"},
                           {"a=1,,b=2", "KEY=VALUE"},
                           {"a=1,b=2,a=1", "a is given twice"}};
  for (const Row& row : kRows) {
    const auto object = object_from_pairs(row.text);
    ASSERT_FALSE(object) << row.text;
    EXPECT_EQ(object.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(object.error().message, HasSubstr(row.word)) << row.text;
  }
}

TEST(ServerFlags, SpellTheKeysOfAScenario) {
  const auto object = server_object_from_flags(
      {{"--latency", {"25ms"}},
       {"--jitter", {"2ms"}},
       {"--connect", {"50ms"}},
       {"--storage", {"servers=4,time=lognormal:5ms:0.5,rate=500MB/s"}},
       {"--disk", {"layout=scattered,disks=6,span=1TiB"}},
       {"--cache", {"size=1GiB,warm=true,time=200us"}},
       {"--request-limit", {"per_second=100,burst=20"}},
       {"--first-byte", {"uniform:20ms:60ms"}},
       {"--load", {"free=4,per_request=1ms"}},
       {"--rate", {"1.25GB/s"}},
       {"--connection-rate", {"300MB/s"}},
       {"--fault", {"kind=status,status=503,share=0.01", "kind=reset,digest=1234,request=10,position=3"}},
       {"--seed", {"7"}}},
      json::object());
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*object, json::parse(R"({
    "latency": "25ms", "jitter": "2ms", "connect": "50ms",
    "storage": {"servers": 4, "time": "lognormal:5ms:0.5", "rate": "500MB/s"},
    "disk": {"layout": "scattered", "disks": 6, "span": "1TiB"},
    "cache": {"size": "1GiB", "warm": true, "time": "200us"},
    "request_limit": {"per_second": 100, "burst": 20},
    "first_byte": "uniform:20ms:60ms",
    "load": {"free": 4, "per_request": "1ms"},
    "rate": "1.25GB/s", "connection_rate": "300MB/s",
    "faults": [{"kind": "status", "status": 503, "share": 0.01},
               {"kind": "reset", "digest": "1234", "request": "10", "position": "3"}],
    "seed": 7})"));
  const auto server = parse_server_spec(*object, {});
  EXPECT_TRUE(server) << server.error().message;
}

TEST(ServerFlags, TakeThePlaceOfAKeyAndLeaveTheOthers) {
  const auto object = server_object_from_flags(
      {{"--storage", {"time=1ms"}}},
      json::parse(R"({"latency": "5ms", "storage": {"servers": 4, "rate": "1MB/s"}})"));
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*object, json::parse(R"({"latency": "5ms", "storage": {"time": "1ms"}})"));
}

// A zero needs no unit, also where it looks like a number.
TEST(ServerFlags, KeepTextsThatLookLikeNumbers) {
  const auto object = server_object_from_flags({{"--cache", {"hit_share=1,time=0"}}}, json::object());
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*object, json::parse(R"({"cache": {"hit_share": 1, "time": "0"}})"));
}

TEST(ServerFlags, NameTheFlagThatCannotBeRead) {
  struct Row {
    const char* flag;
    std::vector<std::string> texts;
  };
  const Row rows[] = {{"--storage", {"servers"}},
                      {"--storage", {"time=1ms", "time=2ms"}},
                      {"--fault", {"kind=reset,times=1", "kind"}},
                      {"--seed", {"-1"}},
                      {"--seed", {"9007199254740992"}}};
  for (const Row& row : rows) {
    const auto object = server_object_from_flags({{row.flag, row.texts}}, json::object());
    ASSERT_FALSE(object) << row.flag;
    EXPECT_EQ(object.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(object.error().message, HasSubstr(row.flag));
  }
}

}  // namespace
}  // namespace depthfinder
