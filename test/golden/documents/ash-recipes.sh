ash start 2>&1 | jq -c 'select(.type == "resume_hit")'

ash start 2>&1 | jq -c 'select(.type == "resume_hit")' | \
jq -s 'group_by(.path) | map({path: .[0].path, count: length})'

ash start 2>&1 | jq -c 'select(.type == "timing" and .sessionId == "SESSION_ID")'

ash start 2>&1 | jq -c 'select(.type == "timing" and .firstEventMs > 500)'

ash start 2>&1 | jq -cs '[.[] | select(.type == "timing")] | (map(.firstEventMs) | add) / length'
