// SPDX-License-Identifier: MIT
#include "mock_server/protocol/answer_desk.h"

#include <utility>

#include "mock_server/protocol/chunk_damage.h"

namespace depthfinder::mock {

void AnswerDesk::plan(PendingRequest& request, Behaviour& behaviour, Nanoseconds path_delay) {
  request.answer = api_.answer(request.method, request.target);
  RequestTimeline& timeline = request.timeline;
  timeline.route = request.answer.route;
  timeline.service_start = timeline.ready = timeline.arrival;
  if (request.answer.chunk)
    plan_chunk(request, behaviour, path_delay);
  else if (request.answer.is_content)
    plan_file(request, behaviour);
  if (request.answer.answer.status == 401) timeline.ready += service_.auth_failure_delay;
}

void AnswerDesk::plan_chunk(PendingRequest& request, Behaviour& behaviour, Nanoseconds path_delay) {
  const ChunkRequest& chunk = *request.answer.chunk;
  RequestTimeline& timeline = request.timeline;
  const Service::ChunkTurn turn = service_.next_chunk(timeline.arrival);
  const RequestInfo info{.ordinal = turn.ordinal,
                         .bytes = service_.datastore->chunk_bytes(chunk.digest),
                         .in_flight = request.in_flight,
                         .position = chunk.position,
                         .place = chunk.place,
                         .digest = chunk.digest,
                         .path_delay = path_delay};
  timeline.ordinal = turn.ordinal;
  timeline.path_delay = path_delay;
  if (const FaultSpec* fault = behaviour.faults.decide(info, turn.since_first)) {
    request.fault = *fault;
    timeline.fault = fault->kind;
  }
  const ServiceTimes times = behaviour.times.chunk(info, timeline.arrival);
  timeline.service_start = times.start;
  timeline.ready = times.ready;
  // While it waits, if there is memory; otherwise when it is due.
  static_cast<void>(borrow_blob(request));
}

void AnswerDesk::plan_file(PendingRequest& request, Behaviour& behaviour) {
  RequestTimeline& timeline = request.timeline;
  timeline.ready = behaviour.times.other(service_.next_other.fetch_add(1), timeline.arrival);
  if (!request.answer.file) return;
  const Service::ChunkTurn turn = service_.next_file(*request.answer.file, timeline.arrival);
  const RequestInfo info{.on = *request.answer.file, .ordinal = turn.ordinal};
  if (const FaultSpec* fault = behaviour.faults.decide(info, turn.since_first)) {
    request.fault = *fault;
    timeline.fault = fault->kind;
  }
}

bool AnswerDesk::borrow_blob(PendingRequest& request) {
  if (request.blob || !request.answer.chunk) return true;
  const Digest& digest = request.answer.chunk->digest;
  const bool wrong = request.fault && request.fault->kind == FaultKind::wrong_chunk;
  auto borrowed = service_.blobs.borrow(wrong ? api_.other_chunk(digest) : digest);
  if (!borrowed) return false;
  if (*borrowed) request.blob = **borrowed;
  request.answer.answer = api_.chunk_answer(digest, std::move(*borrowed));
  if (request.blob) return true;
  // It is an error now, and complete.
  request.answer.chunk.reset();
  request.fault.reset();
  return true;
}

HttpAnswer AnswerDesk::take_answer(PendingRequest& request) {
  HttpAnswer answer = std::move(request.answer.answer);
  request.blob.reset();
  if (request.fault && request.answer.chunk) damage(answer, *request.fault, request.answer.chunk->digest);
  if (request.fault && request.answer.file) damage_file(answer, *request.fault);
  if (request.method == "HEAD") {
    answer.body.clear();
    answer.blob.reset();
  }
  return answer;
}

void AnswerDesk::damage(HttpAnswer& answer, const FaultSpec& fault, const Digest& digest) const {
  switch (fault.kind) {
    case FaultKind::status:
      answer = error_answer(fault.status, fmt::format("fault injected: status {}", fault.status));
      break;
    case FaultKind::missing:
      answer = api_.chunk_answer(digest, fail(ErrorKind::not_found, "fault injected"));
      break;
    case FaultKind::truncate:
      answer.blob = truncated(answer.blob);
      break;
    case FaultKind::flip_payload:
      answer.blob = with_flipped_payload(answer.blob);
      break;
    case FaultKind::flip_crc:
      answer.blob = with_flipped_crc(answer.blob);
      break;
    default:  // the others leave the answer as it is
      break;
  }
}

void AnswerDesk::damage_file(HttpAnswer& answer, const FaultSpec& fault) {
  switch (fault.kind) {
    case FaultKind::status:
      answer = error_answer(fault.status, fmt::format("fault injected: status {}", fault.status));
      break;
    case FaultKind::missing:
      answer = error_answer(404, "open file failed - not found (fault injected)");
      break;
    case FaultKind::truncate:
      answer.blob = truncated(answer.blob);
      break;
    case FaultKind::flip_payload:
    case FaultKind::flip_crc:
      answer.blob = with_flipped_last_bit(answer.blob);
      break;
    default:
      break;
  }
}

}  // namespace depthfinder::mock
