# Prometheus (default) — point a Prometheus/Grafana scraper here
curl http://localhost:8430/api/v1/metrics

# JSON — convenient for ad-hoc inspection or a custom dashboard
curl "http://localhost:8430/api/v1/metrics?format=json"

curl -i http://localhost:8430/api/v1/metrics | grep -i x-request-id
# X-Request-Id: 37dffe5b315dcd30
