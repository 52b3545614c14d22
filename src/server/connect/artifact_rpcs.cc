// AddArtifacts (streamed, whole or in chunks, each with its CRC) and ArtifactStatus.
#include "server/connect/convert.h"
#include "server/connect/service.h"
#include "spark/connect/base.pb.h"

namespace centella::connect {
namespace {

constexpr int64_t kMaxArtifactBytes = int64_t{2} << 30;

// The CRC-32 of zip and zlib.
uint32_t Crc32(std::string_view bytes) {
  static const auto* table = [] {
    auto* made = new uint32_t[256];
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1) ? 0xedb88320u ^ (value >> 1) : value >> 1;
      made[i] = value;
    }
    return made;
  }();
  uint32_t crc = 0xffffffffu;
  for (char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

bool CrcIsGood(const proto::AddArtifactsRequest::ArtifactChunk& chunk) {
  return static_cast<int64_t>(Crc32(chunk.data())) == chunk.crc();
}

}  // namespace

void ArtifactReceiver::Receive(const proto::AddArtifactsRequest& request) {
  if (session_ == nullptr) {
    session_ = service_.sessions.GetOrCreate(request.user_context().user_id(), request.session_id(),
                                             request.client_observed_server_side_session_id());
  }
  if (request.session_id() != session_->session_id()) RaiseBad("one stream of artifacts is for one session");
  switch (request.payload_case()) {
    case proto::AddArtifactsRequest::kBatch:
      if (!chunked_name_.empty()) RaiseBad("a batch of artifacts in the middle of a chunked one");
      for (const auto& artifact : request.batch().artifacts()) {
        AddOne(artifact.name(), artifact.data().data(), CrcIsGood(artifact.data()));
      }
      return;
    case proto::AddArtifactsRequest::kBeginChunk: {
      const auto& begin = request.begin_chunk();
      if (!chunked_name_.empty()) RaiseBad("a chunked artifact in the middle of another");
      if (begin.name().empty() || begin.num_chunks() < 1 || begin.total_bytes() < 0 ||
          begin.total_bytes() > kMaxArtifactBytes) {
        RaiseBad("a chunked artifact of " + std::to_string(begin.total_bytes()) + " bytes in " +
                 std::to_string(begin.num_chunks()) + " chunks");
      }
      chunked_name_ = begin.name();
      chunked_bytes_ = begin.initial_chunk().data();
      chunks_good_ = CrcIsGood(begin.initial_chunk());
      chunks_left_ = begin.num_chunks() - 1;
      total_bytes_ = begin.total_bytes();
      break;
    }
    case proto::AddArtifactsRequest::kChunk:
      if (chunked_name_.empty()) RaiseBad("a chunk of no artifact");
      chunked_bytes_ += request.chunk().data();
      chunks_good_ &= CrcIsGood(request.chunk());
      --chunks_left_;
      break;
    case proto::AddArtifactsRequest::PAYLOAD_NOT_SET: RaiseBad("a message without artifacts");
  }
  if (static_cast<int64_t>(chunked_bytes_.size()) > total_bytes_) RaiseBad("an artifact larger than announced");
  if (chunks_left_ > 0) return;
  if (static_cast<int64_t>(chunked_bytes_.size()) != total_bytes_) RaiseBad("an artifact smaller than announced");
  AddOne(chunked_name_, std::move(chunked_bytes_), chunks_good_);
  chunked_name_.clear();
  chunked_bytes_.clear();
}

void ArtifactReceiver::AddOne(const std::string& name, std::string bytes, bool crc_good) {
  // The client hears of a damaged artifact in the summary; it isn't stored.
  if (crc_good) {
    if (name.starts_with("cache/") && Sha256Hex(bytes) != name.substr(6)) RaiseBad("the hash of " + name + " is wrong");
    session_->artifacts().Add(name, std::move(bytes));
  }
  summaries_.push_back({name, crc_good});
}

void ArtifactReceiver::Finish(proto::AddArtifactsResponse* response) {
  if (!chunked_name_.empty()) RaiseBad("the artifact " + chunked_name_ + " isn't complete");
  if (session_ == nullptr) RaiseBad("a stream of artifacts without a message");
  response->set_session_id(session_->session_id());
  response->set_server_side_session_id(session_->server_side_id());
  for (const Summary& summary : summaries_) {
    auto* added = response->add_artifacts();
    added->set_name(summary.name);
    added->set_is_crc_successful(summary.crc_good);
  }
}

void HandleArtifactStatus(Service& service, const proto::ArtifactStatusesRequest& request,
                          proto::ArtifactStatusesResponse* response) {
  const auto session = service.sessions.GetOrCreate(request.user_context().user_id(), request.session_id(),
                                                    request.client_observed_server_side_session_id());
  response->set_session_id(session->session_id());
  response->set_server_side_session_id(session->server_side_id());
  for (const std::string& name : request.names()) {
    (*response->mutable_statuses())[name].set_exists(session->artifacts().Exists(name));
  }
}

}  // namespace centella::connect
