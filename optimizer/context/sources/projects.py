"""Which project of PyPI an imported module comes from, where the two are not called alike.

Source: the projects' own pages and their wheels' top_level.txt.
"""

from __future__ import annotations

from optimizer.context.manifests.requirements import normal_name

_TABLE = """
attr=attrs bs4=beautifulsoup4 bson=pymongo cairo=pycairo Crypto=pycryptodome Cryptodome=pycryptodomex cv2=opencv-python
dateutil=python-dateutil decouple=python-decouple discord=discord.py django_filters=django-filter docx=python-docx
dns=dnspython dotenv=python-dotenv environ=django-environ faiss=faiss-cpu fitz=PyMuPDF flask_cors=Flask-Cors
flask_login=Flask-Login flask_migrate=Flask-Migrate flask_sqlalchemy=Flask-SQLAlchemy flask_wtf=Flask-WTF
gi=PyGObject git=GitPython github=PyGithub google_auth_oauthlib=google-auth-oauthlib grpc=grpcio
grpc_status=grpcio-status IPython=ipython jose=python-jose jwt=PyJWT ldap=python-ldap lxml=lxml
magic=python-magic markdown=Markdown matplotlib=matplotlib mpl_toolkits=matplotlib multipart=python-multipart
MySQLdb=mysqlclient
nacl=PyNaCl OpenSSL=pyOpenSSL osgeo=GDAL pkg_resources=setuptools PIL=pillow pip=pip pptx=python-pptx
prometheus_flask_exporter=prometheus-flask-exporter psycopg2=psycopg2 pwiz=peewee PyPDF2=PyPDF2 pyximport=Cython
rest_framework=djangorestframework ruamel=ruamel.yaml sentry_sdk=sentry-sdk serial=pyserial skimage=scikit-image
sklearn=scikit-learn slugify=python-slugify slack_sdk=slack-sdk socks=PySocks telegram=python-telegram-bot
tlz=toolz tlv8=tlv8 usb=pyusb werkzeug=Werkzeug win32api=pywin32 wx=wxPython xmltodict=xmltodict yaml=PyYAML zmq=pyzmq
zope=zope.interface corsheaders=django-cors-headers debug_toolbar=django-debug-toolbar storages=django-storages
crispy_forms=django-crispy-forms allauth=django-allauth mptt=django-mptt channels_redis=channels-redis jinja2=Jinja2
markupsafe=MarkupSafe itsdangerous=itsdangerous apscheduler=APScheduler sqlalchemy=SQLAlchemy flask=Flask
django=Django babel=Babel pymysql=PyMySQL pygments=Pygments unidiff=unidiff cpuinfo=py-cpuinfo barcode=python-barcode
Xlib=python-xlib pyasn1_modules=pyasn1-modules ffmpeg=ffmpeg-python speech_recognition=SpeechRecognition
googleapiclient=google-api-python-client mock=mock nmap=python-nmap consul=python-consul etcd3=etcd3 hcl2=python-hcl2
kafka=kafka-python snappy=python-snappy lz4=lz4 Levenshtein=python-Levenshtein levenshtein=python-Levenshtein
igraph=python-igraph talib=TA-Lib pysqlite3=pysqlite3 pyrogram=Pyrogram telebot=pyTelegramBotAPI openid=python3-openid
airflow=apache-airflow pyspark=pyspark h2o=h2o xdg=pyxdg dbus=dbus-python gssapi=gssapi kubernetes=kubernetes
"""
PROJECTS = {module: normal_name(project) for module, _, project in (word.partition("=") for word in _TABLE.split())}
# Several projects bring these modules.
ALTERNATIVES = {
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "magic": ("python-magic", "file-magic", "python-magic-bin"),
    "Crypto": ("pycryptodome", "pycrypto"),
    "faiss": ("faiss-cpu", "faiss-gpu"),
}


def projects_of(module: str) -> tuple[str, ...]:
    """Return the normalized names of the PyPI projects that may bring a top-level module, the usual one first."""
    if module in ALTERNATIVES:
        return ALTERNATIVES[module]
    return (PROJECTS.get(module) or normal_name(module),)
