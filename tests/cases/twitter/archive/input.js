window.YTD.tweets.part0 = [
  {
    "tweet": {
      "id_str": "1480000000000000001",
      "id": "1480000000000000001",
      "created_at": "Sat Jan 08 12:00:00 +0000 2022",
      "full_text": "The ferry is late again &amp; nobody says why.",
      "favorite_count": "12",
      "retweet_count": "1",
      "lang": "en",
      "truncated": false,
      "entities": {
        "hashtags": [],
        "urls": [],
        "user_mentions": []
      }
    }
  },
  {
    "tweet": {
      "id_str": "1480000000000000002",
      "id": "1480000000000000002",
      "created_at": "Sat Jan 08 12:04:00 +0000 2022",
      "full_text": "@harbour_news You asked: since noon.",
      "favorite_count": "0",
      "in_reply_to_status_id_str": "1480000000000000001",
      "in_reply_to_screen_name": "ada",
      "lang": "en",
      "entities": {
        "user_mentions": [
          {
            "name": "Harbour News",
            "screen_name": "harbour_news",
            "indices": [
              "0",
              "13"
            ],
            "id_str": "71",
            "id": "71"
          }
        ],
        "urls": []
      }
    }
  },
  {
    "tweet": {
      "id_str": "1480000000000000003",
      "id": "1480000000000000003",
      "created_at": "Sat Jan 08 13:00:00 +0000 2022",
      "full_text": "@harbour_news Is that so?",
      "in_reply_to_status_id_str": "1479999999999999999",
      "lang": "en"
    }
  }
]
