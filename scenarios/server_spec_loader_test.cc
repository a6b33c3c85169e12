// SPDX-License-Identifier: MIT
#include "scenarios/server_spec_loader.h"

#include <filesystem>
#include <fstream>
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

Result<ServerSpec> parse(const std::string& text) {
  return parse_server_spec(nlohmann::json::parse(text), {});
}

TEST(ParseServerSpec, AnEmptyObjectAsksForNothing) {
  const auto server = parse("{}");
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(*server, ServerSpec());
}

TEST(ParseServerSpec, ReadsEveryKeyOfTimesAndLink) {
  const auto server = parse(R"({
    "latency": "25ms", "jitter": "2ms", "connect": "50ms",
    "storage": {"servers": 4, "time": "lognormal:5ms:0.5", "rate": "500MB/s"},
    "disk": {"layout": "scattered", "disks": 6, "rate": "180MB/s", "settle": "2ms", "stroke": "15ms",
             "rotation": "11.111ms", "reads": 3, "span": "2TiB"},
    "cache": {"hit_share": 0.9, "time": "200us"},
    "request_limit": {"per_second": 100, "burst": 20},
    "first_byte": "uniform:20ms:60ms",
    "load": {"free": 4, "per_request": "1ms"},
    "rate": "1.25GB/s", "connection_rate": "300MB/s", "seed": 7})");
  ASSERT_TRUE(server) << server.error().message;
  ServerSpec expected;
  expected.latency = 25ms;
  expected.jitter = 2ms;
  expected.connect = 50ms;
  expected.storage = {4, LogNormalTime{5ms, 0.5}, 500e6};
  expected.disk = {DiskSpec::Layout::scattered, 6, 180e6, 2ms, 15ms, 11111us, 3, 524288};
  expected.cache = {0.9, 0, false, 200us};
  expected.request_limit = {100, 20};
  expected.first_byte = UniformTime{20ms, 60ms};
  expected.load = {4, 1ms};
  expected.rate_bytes_per_s = 1.25e9;
  expected.connection_rate_bytes_per_s = 300e6;
  expected.seed = 7;
  EXPECT_EQ(*server, expected);
}

TEST(ParseServerSpec, LeavesDefaultsWhereAModelSaysNothing) {
  const auto server = parse(R"({"disk": {}, "cache": {"size": "1GiB"}})");
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(server->disk, DiskSpec());
  EXPECT_EQ(server->cache, (CacheSpec{0, 1ULL << 30, false, 0ns}));
}

TEST(ParseServerSpec, ReadsEveryDistribution) {
  struct Row {
    const char* text;
    TimeDistribution expected;
  };
  const Row rows[] = {
      {R"("5ms")", ConstantTime{5ms}},
      {R"("0")", ConstantTime{0ns}},
      {R"("uniform:1ms:3ms")", UniformTime{1ms, 3ms}},
      {R"("uniform:0:3ms")", UniformTime{0ns, 3ms}},
      {R"("exponential:4ms")", ExponentialTime{4ms}},
      {R"("lognormal:5ms:0.25")", LogNormalTime{5ms, 0.25}},
      {R"("lognormal:5ms:0")", LogNormalTime{5ms, 0}},
      {R"("pareto:1ms:1s:1.5")", ParetoTime{1ms, 1s, 1.5}},
      {R"({"0": "1ms", "50": "5ms", "99.9": "20ms", "100": "40ms"})",
       RecordedTime{{{0, 1ms}, {0.5, 5ms}, {0.999, 20ms}, {1, 40ms}}}},
      {R"({"100": "2ms", "9": "1ms", "0": "1ms", "10": "1.5ms"})",  // sorted as numbers, not as texts
       RecordedTime{{{0, 1ms}, {0.09, 1ms}, {0.1, 1500us}, {1, 2ms}}}},
  };
  for (const Row& row : rows) {
    const auto server = parse(std::string(R"({"first_byte": )") + row.text + "}");
    ASSERT_TRUE(server) << row.text << ": " << server.error().message;
    EXPECT_EQ(server->first_byte, row.expected) << row.text;
  }
}

TEST(ParseServerSpec, ReadsEveryKindOfFault) {
  struct Row {
    const char* name;
    FaultKind kind;
  };
  constexpr Row kRows[] = {{"status", FaultKind::status},
                           {"reset", FaultKind::connection_reset},
                           {"stream-reset", FaultKind::stream_reset},
                           {"goaway", FaultKind::goaway},
                           {"truncate", FaultKind::truncate},
                           {"flip-payload", FaultKind::flip_payload},
                           {"flip-crc", FaultKind::flip_crc},
                           {"wrong-chunk", FaultKind::wrong_chunk},
                           {"missing", FaultKind::missing},
                           {"expired-ticket", FaultKind::expired_ticket},
                           {"tls-alert", FaultKind::tls_alert}};
  for (const Row& row : kRows) {
    const auto server = parse(fmt::format(R"({{"faults": [{{"kind": "{}", "times": 1}}]}})", row.name));
    ASSERT_TRUE(server) << row.name << ": " << server.error().message;
    EXPECT_EQ(server->faults.at(0).kind, row.kind) << row.name;
    EXPECT_EQ(fault_kind_name(row.kind), row.name);
  }
}

TEST(ParseServerSpec, ReadsFaultsWithTheirConditions) {
  const auto server = parse(R"({"faults": [
    {"kind": "status", "status": 429, "share": 0.01, "times": 3},
    {"kind": "stall", "for": "2s", "request": "10-20", "after": "1s", "until": "5s"},
    {"kind": "drip", "rate": "100kB/s", "digest": "AB12", "position": "0-7"},
    {"kind": "missing", "request": "10", "share": 1}]})");
  ASSERT_TRUE(server) << server.error().message;
  FaultSpec status, stall, drip, missing;
  status.status = 429;
  status.share = 0.01;
  status.times = 3;
  stall.kind = FaultKind::stall;
  stall.duration = 2s;
  stall.requests = {10, 20};
  stall.after = 1s;
  stall.until = 5s;
  drip.kind = FaultKind::drip;
  drip.rate_bytes_per_s = 100e3;
  drip.digest = "ab12";
  drip.positions = {0, 7};
  missing.kind = FaultKind::missing;
  missing.requests = {10, 10};
  EXPECT_THAT(server->faults, ElementsAre(status, stall, drip, missing));
}

struct Refusal {
  const char* text;
  std::vector<const char*> words;  // in the message
};

void expect_refused(std::span<const Refusal> refusals) {
  for (const Refusal& refusal : refusals) {
    const auto server = parse(refusal.text);
    ASSERT_FALSE(server) << refusal.text;
    EXPECT_EQ(server.error().kind, ErrorKind::bad_input) << refusal.text;
    for (const char* word : refusal.words)
      EXPECT_THAT(server.error().message, HasSubstr(word)) << refusal.text;
  }
}

TEST(ParseServerSpec, RefusesModelsThatMakeNoSense) {
  const Refusal refusals[] = {
      {R"({"latencies": "5ms"})", {"server", "unknown key", "latencies"}},
      {R"({"latency": 5})", {"server.latency"}},
      {R"({"latency": "5"})", {"server.latency", "unit"}},
      {R"({"latency": "25h"})", {"server.latency", "longer than a day"}},
      {R"({"latency": "-5ms"})", {"server.latency"}},
      {R"({"jitter": "2ms"})", {"server.jitter", "latency"}},
      {R"({"latency": "1ms", "jitter": "2ms"})", {"server.jitter", "latency"}},
      {R"({"rate": "0.5B/s"})", {"server.rate", "1B/s"}},
      {R"({"rate": "2000GB/s"})", {"server.rate", "1000GB/s"}},
      {R"({"storage": {}})", {"server.storage"}},
      {R"({"storage": {"servers": 4}})", {"server.storage", "time or a rate"}},
      {R"({"disk": {"layout": "random"}})", {"server.disk.layout"}},
      {R"({"disk": {"rate": "0"}})", {"server.disk.rate"}},
      {R"({"disk": {"span": "1MiB"}})", {"server.disk.span"}},
      {R"({"disk": {"settle": "20ms", "stroke": "10ms"}})", {"server.disk.settle", "stroke"}},
      {R"({"disk": {}, "cache": {"time": "1ms"}})", {"server.cache", "hit_share or size"}},
      {R"({"disk": {}, "cache": {"hit_share": 0.5, "size": "1GiB"}})", {"server.cache", "hit_share or size"}},
      {R"({"disk": {}, "cache": {"hit_share": 0.5, "warm": true}})", {"server.cache.warm", "size"}},
      {R"({"disk": {}, "cache": {"hit_share": 0}})", {"server.cache.hit_share"}},
      {R"({"disk": {}, "cache": {"size": "0"}})", {"server.cache.size"}},
      {R"({"latency": "5ms", "cache": {"hit_share": 0.5}})", {"server.cache", "behind it"}},
      {R"({"request_limit": {"burst": 5}})", {"server.request_limit", "per_second"}},
      {R"({"request_limit": {"per_second": 0}})", {"server.request_limit.per_second"}},
      {R"({"request_limit": {"per_second": 5, "burst": 0.5}})", {"server.request_limit.burst"}},
      {R"({"load": {"free": 4}})", {"server.load", "per_request"}},
      {R"({"load": {"per_request": "0"}})", {"server.load.per_request"}},
      {R"({"replay": []})", {"server.replay"}},
      {R"({"replay": ["5"]})", {"server.replay", "unit"}},
      {R"({"replay": "trace.json"})", {"server.replay", "trace.json", "directory"}},
      {R"({"replay": ["5ms"], "latency": "1ms"})", {"server.replay", "latency"}},
      {R"({"replay": ["5ms"], "disk": {}})", {"server.replay", "disk"}},
      {R"({"replay": ["5ms"], "first_byte": "1ms"})", {"server.replay", "first_byte"}},
      {R"({"seed": -1})", {"server.seed"}},
  };
  expect_refused(refusals);
}

TEST(ParseServerSpec, RefusesDistributionsThatMakeNoSense) {
  const Refusal refusals[] = {
      {R"({"storage": {"servers": 0, "time": "1ms"}})", {"server.storage.servers"}},
      {R"({"storage": {"servers": 1025, "time": "1ms"}})", {"server.storage.servers"}},
      {R"({"storage": {"servers": 1.5, "time": "1ms"}})", {"server.storage.servers"}},
      {R"({"storage": {"server": 1, "time": "1ms"}})", {"server.storage", "unknown key"}},
      {R"({"storage": {"time": "normal:1ms:2ms"}})", {"server.storage.time", "no distribution"}},
      {R"({"storage": {"time": "uniform:1ms"}})", {"server.storage.time", "uniform:MIN:MAX"}},
      {R"({"storage": {"time": "uniform:1ms:2ms:3ms"}})", {"server.storage.time", "uniform:MIN:MAX"}},
      {R"({"storage": {"time": "uniform:2ms:2ms"}})", {"server.storage.time", "MIN must be less than MAX"}},
      {R"({"storage": {"time": "exponential:0"}})", {"server.storage.time", "MEAN"}},
      {R"({"storage": {"time": "lognormal:0:1"}})", {"server.storage.time", "MEDIAN"}},
      {R"({"storage": {"time": "lognormal:5ms:-1"}})", {"server.storage.time", "SIGMA"}},
      {R"({"storage": {"time": "lognormal:5ms:nan"}})", {"server.storage.time", "SIGMA"}},
      {R"({"storage": {"time": "lognormal:5ms:"}})", {"server.storage.time", "SIGMA"}},
      {R"({"storage": {"time": "pareto:0:2ms:1"}})", {"server.storage.time", "MIN"}},
      {R"({"storage": {"time": "pareto:2ms:1ms:1"}})", {"server.storage.time", "MIN"}},
      {R"({"storage": {"time": "pareto:1ms:2ms:0"}})", {"server.storage.time", "ALPHA"}},
      {R"({"storage": {"time": {"0": "1ms", "50": "2ms"}}})", {"server.storage.time", "100"}},
      {R"({"storage": {"time": {"1": "1ms", "100": "2ms"}}})", {"server.storage.time", "\"0\""}},
      {R"({"storage": {"time": {"0": "3ms", "100": "2ms"}}})", {"server.storage.time", "shorter"}},
      {R"({"storage": {"time": {"0": "1ms", "50": "2ms", "50.0": "2ms", "100": "3ms"}}})",
       {"server.storage.time", "twice"}},
      {R"({"storage": {"time": {"0": "1ms", "100": "2ms", "101": "3ms"}}})",
       {"server.storage.time", "'101'"}},
      {R"({"storage": {"time": {"0": "1ms", "1e2": "2ms"}}})", {"server.storage.time", "1e2"}},
      {R"({"storage": {"time": {"0": "1ms", "100": 2}}})", {"server.storage.time"}},
      {R"({"storage": {"time": "recorded:x.json"}})", {"server.storage.time", "x.json", "directory"}},
  };
  expect_refused(refusals);
}

TEST(ParseServerSpec, RefusesFaultsThatMakeNoSense) {
  const Refusal refusals[] = {
      {R"({"faults": {"kind": "reset"}})", {"server.faults"}},
      {R"({"faults": [{"share": 0.1}]})", {"server.faults.0", "kind"}},
      {R"({"faults": [{"kind": "meteor", "share": 0.1}]})", {"server.faults.0.kind"}},
      {R"({"faults": [{"kind": "reset", "share": 0.1}, {"kind": "reset"}]})",
       {"server.faults.1", "condition"}},
      {R"({"faults": [{"kind": "status", "status": 503}]})", {"server.faults.0", "condition"}},
      {R"({"faults": [{"kind": "status", "status": 200, "times": 1}]})", {"server.faults.0.status"}},
      {R"({"faults": [{"kind": "status", "status": 600, "times": 1}]})", {"server.faults.0.status"}},
      {R"({"faults": [{"kind": "reset", "status": 503, "times": 1}]})",
       {"server.faults.0.status", "'status'"}},
      {R"({"faults": [{"kind": "reset", "on": "blob", "times": 1}]})", {"server.faults.0.on"}},
      {R"({"faults": [{"kind": "reset", "on": "index", "digest": "ab"}]})",
       {"server.faults.0.digest", "index"}},
      {R"({"faults": [{"kind": "reset", "on": "manifest", "position": "1"}]})",
       {"server.faults.0.position", "manifest"}},
      {R"({"faults": [{"kind": "wrong-chunk", "on": "index", "times": 1}]})",
       {"server.faults.0.on", "wrong-chunk"}},
      {R"({"faults": [{"kind": "reset", "on": "index"}]})", {"server.faults.0", "condition"}},
      {R"({"faults": [{"kind": "reset", "for": "1s", "times": 1}]})", {"server.faults.0.for", "'stall'"}},
      {R"({"faults": [{"kind": "stall", "rate": "1MB/s", "times": 1}]})", {"server.faults.0.rate", "'drip'"}},
      {R"({"faults": [{"kind": "stall", "times": 1}]})", {"server.faults.0.for"}},
      {R"({"faults": [{"kind": "drip", "times": 1}]})", {"server.faults.0.rate"}},
      {R"({"faults": [{"kind": "reset", "share": 0}]})", {"server.faults.0.share"}},
      {R"({"faults": [{"kind": "reset", "share": 1.1}]})", {"server.faults.0.share"}},
      {R"({"faults": [{"kind": "reset", "digest": "xy"}]})", {"server.faults.0.digest", "hex"}},
      {R"({"faults": [{"kind": "reset", "digest": ""}]})", {"server.faults.0.digest"}},
      {R"({"faults": [{"kind": "reset", "request": "0"}]})", {"server.faults.0.request", "range"}},
      {R"({"faults": [{"kind": "reset", "request": "20-10"}]})", {"server.faults.0.request", "range"}},
      {R"({"faults": [{"kind": "reset", "request": ""}]})", {"server.faults.0.request", "range"}},
      {R"({"faults": [{"kind": "reset", "request": "1-"}]})", {"server.faults.0.request", "range"}},
      {R"({"faults": [{"kind": "reset", "position": "-3"}]})", {"server.faults.0.position", "range"}},
      {R"({"faults": [{"kind": "reset", "position": "3-5x"}]})", {"server.faults.0.position", "range"}},
      {R"({"faults": [{"kind": "reset", "after": "5s", "until": "5s"}]})", {"server.faults.0.until"}},
      {R"({"faults": [{"kind": "reset", "times": 0}]})", {"server.faults.0.times"}},
  };
  expect_refused(refusals);
}

class ServerFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "server-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  Result<ServerSpec> parse_with_file(const char* object, const char* file_text) {
    std::ofstream(directory_ / "file.json") << file_text;
    return parse_server_spec(nlohmann::json::parse(object), directory_);
  }

  std::filesystem::path directory_;
};

constexpr const char* kTrace =
    R"({"schema": "depthfinder-latency-trace", "schema_version": 1, "requests": {"sent_ms": [0, 1, 2],
        "first_byte_ms": [30, 10, 20], "last_byte_ms": [31, 11, 21.5], "bytes": [1, 2, 3], "in_flight": [1, 2, 3]}})";

TEST_F(ServerFiles, ReplayIsTheWaitsOfATraceInTheirOrder) {
  const auto server = parse_with_file(R"({"replay": "file.json"})", kTrace);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_THAT(server->replay, ElementsAre(30ms, 10ms, 20ms));
  EXPECT_EQ(server_spec_json(*server).dump(), R"({"replay":["30ms","10ms","20ms"],"seed":1})");
}

TEST_F(ServerFiles, ATraceIsADistributionToo) {
  const auto server = parse_with_file(R"({"first_byte": "recorded:file.json"})", kTrace);
  ASSERT_TRUE(server) << server.error().message;
  const auto& quantiles = std::get<RecordedTime>(*server->first_byte).quantiles;
  EXPECT_EQ(quantiles.front(), (std::pair<double, Nanoseconds>(0, 10ms)));
  EXPECT_EQ(quantiles.back(), (std::pair<double, Nanoseconds>(1, 30ms)));
  EXPECT_THAT(quantiles, testing::Contains(std::pair<double, Nanoseconds>(0.5, 20ms)));
  EXPECT_THAT(quantiles, testing::Contains(std::pair<double, Nanoseconds>(0.25, 15ms)));
}

TEST_F(ServerFiles, PercentilesAreReadFromAFile) {
  const auto server = parse_with_file(
      R"({"storage": {"time": "recorded:file.json"}})",
      R"({"schema": "depthfinder-percentiles", "percentiles": {"0": "1ms", "50": "5ms", "100": "40ms"}})");
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(server->storage->time, TimeDistribution(RecordedTime{{{0, 1ms}, {0.5, 5ms}, {1, 40ms}}}));
}

TEST_F(ServerFiles, RefusesFilesThatAreNeither) {
  struct Row {
    const char* object;
    const char* file;
    const char* word;
  };
  const Row rows[] = {
      {R"({"replay": "file.json"})", "", "file.json"},
      {R"({"replay": "file.json"})", "[]", "no object"},
      {R"({"replay": "file.json"})", R"({"schema": "depthfinder-percentiles", "percentiles": {}})",
       "schema_version"},
      {R"({"first_byte": "recorded:file.json"})", R"({"schema": "depthfinder-percentiles"})", "percentiles"},
      {R"({"first_byte": "recorded:file.json"})",
       R"({"schema": "depthfinder-percentiles", "percentiles": {"0": "1ms", "100": 5}})", "percentile 100"},
      {R"({"first_byte": "recorded:file.json"})",
       R"({"schema": "depthfinder-percentiles", "percentiles": {"0": "1ms", "100": "5ms"}, "x": 1})",
       "\"x\""},
      {R"({"first_byte": "recorded:file.json"})", R"({"schema": "other"})", "file.json"},
  };
  for (const Row& row : rows) {
    const auto server = parse_with_file(row.object, row.file);
    ASSERT_FALSE(server) << row.file;
    EXPECT_EQ(server.error().kind, ErrorKind::bad_input) << row.file;
    EXPECT_THAT(server.error().message, HasSubstr(row.word));
    EXPECT_THAT(server.error().message, HasSubstr("server."));
  }
  const auto absent = parse_server_spec({{"replay", "absent.json"}}, directory_);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
}

TEST(ServerSpecJson, WritesTheDefaultsOfWhatIsThere) {
  const auto server = parse(R"({"disk": {}, "faults": [{"kind": "status", "share": 1}]})");
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(server_spec_json(*server).dump(),
            R"({"disk":{"layout":"sequential","disks":1,"rate":"150MB/s","settle":"1ms","stroke":"18ms",)"
            R"("rotation":"8333us","reads":4,"span":"1TiB"},)"
            R"("faults":[{"kind":"status","status":503,"share":1.0}],"seed":1})");
}

}  // namespace
}  // namespace depthfinder
