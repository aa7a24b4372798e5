curl $ASH_SERVER_URL/health

curl $ASH_SERVER_URL/metrics

ASH_DEBUG_TIMING=1 ash start
