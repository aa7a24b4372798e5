curl http://arbiter.example.com/v1/metrics
