/** Phrases offered under the opinion of an act; a desk may edit what it takes. */
export default {
  phrases: {
    accept: ['情况清楚，予以受理。', '已电话核对，予以受理。'],
    refuse: ['已电话告知反映人。', '请向相应主管单位反映。'],
    send_verification: ['请现场核实并拍照。', '请联系反映人确认具体位置。'],
    answer_verification: ['现场情况属实。', '现场未发现所反映的问题。'],
    file: ['符合立案条件，予以立案。'],
    dispatch: ['请按时限处置并上传处置后照片。', '涉及安全，请先设置警示再处置。'],
    start_handling: ['已安排人员到场。'],
    hand_back: ['已处置完毕，现场恢复正常。', '已更换并加固。', '已清理干净。'],
    give_feedback: ['处置情况属实，请核查。'],
    send_check: ['请现场核查处置结果并拍照。'],
    answer_check: ['现场已恢复正常，核查通过。', '问题仍然存在，核查不通过。'],
    rework: ['处置不到位，请返工。'],
    close: ['达到结案条件，予以结案。'],
    apply_return: ['经核实不属于本单位职责范围。'],
    approve_return: ['同意回退，重新派遣。'],
    reject_return: ['属于贵单位职责，请继续处置。'],
  },
}
