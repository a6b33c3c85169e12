// SPDX-License-Identifier: MIT
// The keys of result.json: one list per type, walked by the writer and by the reader of result_json.cc, so
// that the two cannot drift apart. `archive(key, member)` is called once per key. Stateless.
#pragma once

#include "reports/result.h"

namespace depthfinder::result_fields {

// A number, or kAuto, which is "auto" in the file.
struct AutoCount {
  int& count;
};

template <typename Archive>
void visit(Archive& archive, ToolInfo& tool) {
  archive("version", tool.version);
  archive("compiler", tool.compiler);
  archive("build_type", tool.build_type);
  archive("libraries", tool.libraries);
}

template <typename Archive>
void visit(Archive& archive, HostInfo& host) {
  archive("cpu_model", host.cpu_model);
  archive("logical_cpus", host.logical_cpus);
  archive("memory_bytes", host.memory_bytes);
  archive("kernel", host.kernel);
  archive("cpu_flags", host.cpu_flags);
  archive("openssl_cpu_settings", host.openssl_cpu_settings);
  archive("load_average_1m", host.load_average_1m);
  archive("virtualisation", host.virtualisation);
  archive("governor", host.governor);
}

template <typename Archive>
void visit(Archive& archive, Cell& cell) {
  archive("id", cell.id);
  archive("strategy", cell.strategy);
  AutoCount depth{cell.depth}, threads{cell.threads};
  archive("depth", depth);
  archive("threads", threads);
  archive("connections", cell.connections);
  archive("sha_ni", cell.sha_ni);
  archive("vectors", cell.vectors);
  archive("writers", cell.writers);
  archive("buffers", cell.buffers);
  archive("chunk_cache", cell.chunk_cache);
  archive("http2_window_bytes", cell.http2_window_bytes);
  archive("http2_frame_bytes", cell.http2_frame_bytes);
}

template <typename Archive>
void visit(Archive& archive, StageTime& stage) {
  archive("busy_s", stage.busy_s);
  archive("wait_s", stage.wait_s);
}

template <typename Archive>
void visit(Archive& archive, StageTimes& stages) {
  archive("receive", stages.receive);
  archive("crc", stages.crc);
  archive("decrypt", stages.decrypt);
  archive("decompress", stages.decompress);
  archive("hash", stages.hash);
  archive("write", stages.write);
}

template <typename Archive>
void visit(Archive& archive, ChunkLatency& chunk) {
  archive("p50", chunk.p50_ms);
  archive("p90", chunk.p90_ms);
  archive("p99", chunk.p99_ms);
  archive("max", chunk.max_ms);
}

template <typename Archive>
void visit(Archive& archive, DepthStep& step) {
  archive("t_s", step.t_s);
  archive("depth", step.depth);
  archive("threads", step.threads);
  archive("goodput_mib_per_s", step.goodput_mib_per_s);
  archive("decision", step.decision);
  archive("reason", step.reason);
}

template <typename Archive>
void visit(Archive& archive, BystanderTimes& times) {
  archive("samples", times.samples);
  archive("p50_ms", times.p50_ms);
  archive("p99_ms", times.p99_ms);
  archive("p999_ms", times.p999_ms);
  archive("max_ms", times.max_ms);
}

template <typename Archive>
void visit(Archive& archive, BystanderFigures& bystander) {
  archive("kind", bystander.kind);
  archive("alone", bystander.alone);
  archive("beside", bystander.beside);
  archive("ratio_p50", bystander.ratio_p50);
  archive("ratio_p99", bystander.ratio_p99);
  archive("ratio_p999", bystander.ratio_p999);
}

template <typename Archive>
void visit(Archive& archive, TrialMetrics& metrics) {
  archive("logical_bytes", metrics.logical_bytes);
  archive("zero_bytes", metrics.zero_bytes);
  archive("wire_bytes", metrics.wire_bytes);
  archive("duration_s", metrics.duration_s);
  archive("throughput_mib_per_s", metrics.throughput_mib_per_s);
  archive("cpu_user_s", metrics.cpu_user_s);
  archive("cpu_sys_s", metrics.cpu_sys_s);
  archive("peak_rss_bytes", metrics.peak_rss_bytes);
  archive("in_flight_mean", metrics.in_flight_mean);
  archive("slots_used_mean", metrics.slots_used_mean);
  archive("requests", metrics.requests);
  archive("retries", metrics.retries);
  archive("coalesced", metrics.coalesced);
  archive("cache_hits", metrics.cache_hits);
  archive("chunk_ms", metrics.chunk);
  archive("stages", metrics.stages);
  archive("sha256_kernel", metrics.sha256_kernel);
  archive("sha256_lane_kernel", metrics.sha256_lane_kernel);
  archive("openssl_cpu_settings", metrics.openssl_cpu_settings);
  archive("depth_mean", metrics.depth_mean);
  archive("threads_mean", metrics.threads_mean);
  archive("depth_trace", metrics.depth_trace);
  archive("cpu_floor_s", metrics.cpu_floor_s);
  archive("cpu_over_floor", metrics.cpu_over_floor);
  archive("bystander", metrics.bystander);
  archive("mock_cpu_s", metrics.mock_cpu_s);
}

template <typename Archive>
void visit(Archive& archive, TrialAudit& audit) {
  archive("chunk_requests", audit.chunk_requests);
  archive("bytes_served", audit.bytes_served);
  archive("latency_asked_p50_ms", audit.latency_asked_p50_ms);
  archive("latency_asked_p99_ms", audit.latency_asked_p99_ms);
  archive("latency_served_p50_ms", audit.latency_served_p50_ms);
  archive("latency_served_p99_ms", audit.latency_served_p99_ms);
  archive("lateness_p99_ms", audit.lateness_p99_ms);
  archive("link_asked_bytes_per_s", audit.link_asked_bytes_per_s);
  archive("link_busy_s", audit.link_busy_s);
  archive("link_lost_s", audit.link_lost_s);
  archive("busiest_connection_cpu_share", audit.busiest_connection_cpu_share);
  archive("faults", audit.faults);
}

template <typename Archive>
void visit(Archive& archive, ChunkTiming& timing) {
  archive("arrival_ms", timing.arrival_ms);
  archive("ready_ms", timing.ready_ms);
  archive("first_byte_ms", timing.first_byte_ms);
  archive("last_byte_ms", timing.last_byte_ms);
}

template <typename Archive>
void visit(Archive& archive, Trial& trial) {
  archive("block", trial.block);
  archive("position", trial.position);
  archive("cell", trial.cell_id);
  archive("outcome", trial.outcome);
  archive("reason", trial.reason);
  archive("metrics", trial.metrics);
  archive("audit", trial.audit);
  archive("timeline", trial.timeline);
}

template <typename Archive>
void visit(Archive& archive, RacingDecision& decision) {
  archive("block", decision.block);
  archive("cell_id", decision.cell_id);
  archive("decision", decision.decision);
  archive("reason", decision.reason);
}

template <typename Archive>
void visit(Archive& archive, SweepResult& result) {
  archive("tool", result.tool);
  archive("host", result.host);
  archive("scenario", result.scenario);
  archive("scenario_sha256", result.scenario_sha256);
  archive("server_kind", result.server_kind);
  archive("seed", result.seed);
  archive("started_at_utc", result.started_at_utc);
  archive("blocks_planned", result.blocks_planned);
  archive("block_orders", result.block_orders);
  archive("cells", result.cells);
  archive("trials", result.trials);
  archive("racing", result.racing);
  archive("complete", result.complete);
}

}  // namespace depthfinder::result_fields
